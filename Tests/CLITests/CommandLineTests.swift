import ArgumentParser
import Testing

@testable import CLI

/// The command line as users of `faas-cli` write it.
struct CommandLineTests {
    @Test(arguments: [
        (["deploy", "--update=false", "--replace"], ["deploy", "--no-update", "--replace"]),
        (["deploy", "--readonly=true"], ["deploy", "--readonly"]),
        (["logs", "x", "--tail=false"], ["logs", "x", "--no-tail"]),
        (["logs", "x", "--tail=5"], ["logs", "x", "--lines=5"]),
        (["list", "--json=false"], ["list"]),
        (["-f", "a.yml", "up"], ["up", "-f", "a.yml"]),
        (["--yaml=a.yml", "--filter", "x*", "up", "-n", "y"], ["up", "-n", "y", "--yaml=a.yml", "--filter", "x*"]),
        (["deploy", "--env=update=false"], ["deploy", "--env=update=false"]),
        (["x", "--", "--tail=false"], ["x", "--", "--tail=false"]),
        (["--help"], ["--help"]),
    ]) func goFlagsAreTranslated(words: [String], expected: [String]) {
        #expect(GoArguments.translate(words) == expected)
    }

    @Test func flagsMayBeWrittenInEveryWay() throws {
        let command = try #require(
            try FaasCLICommand.parseAsRoot([
                "deploy", "-fstack.yml", "-n=team", "-e", "A=1", "-e", "B=-x", "--label=c=d", "-g", "http://g",
                "--secret", "s",
            ]) as? DeployCommand)
        #expect(command.stack.yaml == "stack.yml" && command.options.namespace.value == "team")
        #expect(command.options.env == ["A=1", "B=-x"] && command.options.label == ["c=d"])
        #expect(command.gateway.gateway == "http://g" && command.options.secret == ["s"] && command.options.update)
    }

    @Test func pairsAreDividedAtTheFirstEquals() throws {
        #expect(try Pair.dictionary(["a=b=c", "d=e"], of: "labels") == ["a": "b=c", "d": "e"])
        for bad in ["a", "=a", "a="] {
            #expect(throws: CLIError.self) { try Pair.dictionary([bad], of: "labels") }
        }
    }

    @Test func headersAndQueries() throws {
        #expect(try InvokeCommand.field("X-A: b:c") == Pair(key: "X-A", value: "b:c"))
        #expect(try InvokeCommand.pair("a=b=c") == Pair(key: "a", value: "b=c"))
        #expect(throws: CLIError.self) { try InvokeCommand.field("nothing") }
        #expect(throws: CLIError.self) { try InvokeCommand.field(": x") }
        #expect(throws: CLIError.self) { try InvokeCommand.pair("a=") }
    }

    @Test func errorsAreInTheKnownWords() {
        #expect(FunctionCLI.sentence("no such function: x") == "No such function: x")
        #expect(FunctionCLI.parserMessage("Unknown option '--nosuch'") == "unknown flag: --nosuch")
    }

    @Test func imagesAreNamed() {
        #expect(FunctionImage.withTag("a/b") == "a/b:latest")
        #expect(FunctionImage.withTag("localhost:5000/b") == "localhost:5000/b:latest")
        #expect(FunctionImage.withTag("b:1") == "b:1" && FunctionImage.repository(of: "x:5/b:1") == "x:5/b")
        #expect(FunctionImage.complete("hello") == "docker.io/library/hello:latest")
        #expect(FunctionImage.complete("me/hello:1") == "docker.io/me/hello:1")
        #expect(FunctionImage.complete("ghcr.io/me/hello") == "ghcr.io/me/hello:latest")
    }

    @Test func pathsStayBelow() throws {
        try BuildPath.check("function/src", what: "x")
        for bad in ["", "/etc", "a/../../b", ".."] {
            #expect(throws: CLIError.self) { try BuildPath.check(bad, what: "x") }
        }
        try BuildPath.checkTemplate("python3-http@1.0")
        for bad in ["", "..", "a/b", ".git", "-x", "a b", "a\0"] {
            #expect(throws: CLIError.self) { try BuildPath.checkTemplate(bad) }
        }
    }
}
