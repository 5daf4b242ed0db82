import ArgumentParser
import Foundation
import OpenFaaSAPI
import Testing

@testable import CLI

/// What a deployment sends: stack file, files of variables and flags together.
struct DeploymentTests {
    private func with(_ body: (Surroundings) throws -> Void) throws {
        let directory = NSTemporaryDirectory() + "cli-deploy-\(UInt64.random(in: 0 ... .max))"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try body(Surroundings(environment: [:], directory: directory))
    }

    private var function: StackFunction {
        var function = StackFunction(name: "hello", place: "stack.yaml:5")
        function.image = "hello"
        function.environment = ["A": "stack", "B": "stack"]
        function.environmentFiles = ["one.yml", "two.yml"]
        function.labels = ["x": "stack", "y": "stack"]
        function.secrets = ["s1", "s2"]
        function.constraints = ["c1"]
        function.namespace = "team"
        return function
    }

    private func make(_ function: StackFunction, _ flags: [String], _ surroundings: Surroundings) throws
        -> FunctionDeployment
    {
        try Deployment.make(
            function, try DeployOptions.parse(flags), image: FunctionImage.withTag(function.image), surroundings)
    }

    @Test func flagsAndFilesAreMerged() throws {
        try with { surroundings in
            try Data("environment:\n  B: one\n  C: one\n".utf8)
                .write(to: URL(fileURLWithPath: surroundings.path("one.yml")))
            try Data("environment: {C: two, D: 1.50}\n".utf8)
                .write(to: URL(fileURLWithPath: surroundings.path("two.yml")))
            let flags = [
                "-e", "D=flag", "--label", "y=flag", "--secret", "s3", "--secret", "s1", "--constraint", "c2",
                "--readonly",
            ]
            let deployment = try make(function, flags, surroundings)
            #expect(deployment.envVars == ["A": "stack", "B": "one", "C": "two", "D": "flag"])
            #expect(deployment.labels == ["x": "stack", "y": "flag"] && deployment.annotations == [:])
            #expect(deployment.secrets == ["s3", "s1", "s2"] && deployment.constraints == ["c1"])
            #expect(deployment.namespace == "team" && deployment.image == "hello:latest")
            #expect(deployment.readOnlyRootFilesystem == true && deployment.limits == nil)
            #expect(try make(function, ["-n", "other"], surroundings).namespace == "other")
            var bare = StackFunction(name: "bare")
            bare.image = "b"
            let without = try make(bare, ["--constraint", "c2"], surroundings)
            #expect(without.constraints == ["c2"] && without.envVars == nil && without.namespace == nil)
        }
    }

    @Test func theCommandIsTheStacksElseTheTemplates() throws {
        try with { surroundings in
            try TemplateFolder(surroundings).writeOwn("python3")
            var function = StackFunction(name: "hello", place: "stack.yaml:5")
            function.image = "hello"
            function.lang = "python3"
            #expect(try make(function, [], surroundings).envProcess == "python3 index.py")
            #expect(try make(function, ["--no-read-template"], surroundings).envProcess == nil)
            #expect(try make(function, ["--fprocess", "flag"], surroundings).envProcess == "flag")
            function.fprocess = "own"
            #expect(try make(function, [], surroundings).envProcess == "own")
            function.fprocess = ""
            function.lang = "dockerfile"
            #expect(try make(function, [], surroundings).envProcess == nil)
            function.lang = "gone"
            let error = #expect(throws: CLIError.self) { try make(function, [], surroundings) }
            #expect(error?.message.contains("template \"gone\" is not in ./template") == true)
        }
    }

    @Test func whatCannotBeIsRefused() throws {
        try with { surroundings in
            #expect(throws: CLIError.self) { try DeployOptions.parse(["--replace"]).check() }
            try DeployOptions.parse(["--replace", "--no-update"]).check()
            #expect(throws: CLIError.self) { try DeployOptions.parse(["--timeout", "x"]).timeLimit() }
            let missing = #expect(throws: CLIError.self) { try make(function, [], surroundings) }
            #expect(missing?.message.hasPrefix("stack.yaml:5: functions.hello.environment_file") == true)
            let options = try DeployOptions.parse([])
            #expect(throws: CLIError.self) {
                try Deployment.make(StackFunction(name: "x"), options, image: "", surroundings)
            }
        }
    }
}
