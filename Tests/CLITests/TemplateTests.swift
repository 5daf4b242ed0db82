import Foundation
import OpenFaaSAPI
import Testing

@testable import CLI

/// Templates: what is part of the program, where others come from, and what is made of them.
struct TemplateTests {
    private static let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().path

    private func with(_ body: (Surroundings) async throws -> Void) async throws {
        let directory = NSTemporaryDirectory() + "cli-template-\(UInt64.random(in: 0 ... .max))"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let environment = ["HOME": directory, "PATH": "/usr/bin:/bin"]
        try await body(Surroundings(environment: environment, directory: directory))
    }

    private func write(_ text: String, _ path: String) throws {
        try LocalFile.makeDirectory((path as NSString).deletingLastPathComponent)
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    }

    private func read(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

    /// The list in the program is written by hand.
    @Test func theProgramHasTheFilesOfTheRepository() throws {
        let root = Self.repository + "/templates/template"
        let names = try #require(FileManager.default.enumerator(atPath: root)?.compactMap { $0 as? String })
        var files: [String: [UInt8]] = [:]
        for name in names {
            var isDirectory: ObjCBool = false
            let path = root + "/" + name
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory), !isDirectory.boolValue else {
                continue
            }
            files[name] = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
        }
        var own: [String: [UInt8]] = [:]
        for template in OwnTemplates.names {
            for file in OwnTemplates.files(of: template) { own[template + "/" + file.path] = file.bytes }
        }
        #expect(own == files)
        for template in OwnTemplates.names {
            let yaml = try #require(own[template + "/template.yml"])
            let description = try TemplateDescription.read(String(decoding: yaml, as: UTF8.self), path: template)
            #expect(description.language == template)
        }
        #expect(!OwnTemplates.files(of: "node14").isEmpty && OwnTemplates.files(of: "nod").isEmpty)
    }

    @Test func sourcesThatRunProgramsAreRefused() throws {
        func parse(_ text: String) throws -> TemplateSource {
            try TemplateSource.parse(text) { ["./here": false, "/repo": true][$0] }
        }
        #expect(try parse("https://a/b.git#v1") == .repository(address: "https://a/b.git", ref: "v1"))
        #expect(try parse("/repo") == .repository(address: "/repo", ref: nil))
        #expect(try parse("./here") == .folder("./here"))
        for bad in [
            "ext::sh -c id", "ssh://a/b", "git@a:b", "-u/x", "nowhere", "https://a b", "https://a#--upload-pack=x",
            "https://a#a..b", "./here#v1", "file:///nowhere", "",
        ] {
            #expect(throws: CLIError.self, "\(bad)") { try parse(bad) }
        }
        #expect(TemplateSource.commit(of: "sha-0123abc") == "0123abc" && TemplateSource.commit(of: "v1") == nil)
    }

    @Test func aFolderAndARepositoryGiveTheirTemplates() async throws {
        try await with { surroundings in
            let source = surroundings.path("source")
            try write("language: x\nfprocess: x\n", source + "/template/mine/template.yml")
            try write("code", source + "/template/mine/function/handler.x")
            try write("no template", source + "/template/other/README")
            let folder = TemplateFolder(surroundings)
            let names = try await folder.pull(
                .folder("source"), only: nil, overwrite: true, surroundings: surroundings)
            #expect(names == ["mine"] && folder.names() == ["mine"])
            #expect(try folder.description(of: "mine").fprocess == "x")
            #expect(try read(folder.path(of: "mine") + "/meta.json").contains("\"repository\" : \"source\""))
            let git = Program(name: "git", directory: source)
            for words in [
                ["init", "--quiet"], ["add", "."],
                ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "--quiet", "-m", "one"], ["tag", "v1"],
            ] {
                #expect(try await git.run(words).code == 0)
            }
            #expect(GitFolder.isRepository(source) == true)
            let again = try await folder.pull(
                .repository(address: "source", ref: "v1"), only: "mine", overwrite: true, surroundings: surroundings)
            #expect(again == ["mine@v1"])
            #expect(try read(folder.path(of: "mine@v1") + "/meta.json").contains("\"ref_name\" : \"v1\""))
            await #expect(throws: CLIError.self) {
                try await folder.pull(
                    .repository(address: "source", ref: "v2"), only: nil, overwrite: true, surroundings: surroundings)
            }
        }
    }

    @Test func aFunctionIsMadeAndAdded() throws {
        let function = NewFunction(name: "hello", lang: "python3", handler: "hello", memoryLimit: "128Mi")
        let text = function.stackFile
        let file = try StackReader.read(text, path: "stack.yaml").file
        #expect(file.functions.first?.image == "hello:latest" && file.functions.first?.handler == "./hello")
        #expect(file.functions.first?.limits?.memory == "128Mi")
        let second = NewFunction(name: "second", lang: "node", handler: "second", prefix: "me")
        let both = try StackReader.read(try second.appended(to: text, path: "stack.yaml"), path: "stack.yaml").file
        #expect(both.functions.map(\.image) == ["hello:latest", "me/second:latest"])
        #expect(throws: CLIError.self) { try function.appended(to: text, path: "stack.yaml") }
        #expect(throws: CLIError.self) {
            try second.appended(to: text + "configuration:\n  copy: []\n", path: "stack.yaml")
        }
        for bad in ["", "A", "a_b", "-a", "a.b", String(repeating: "a", count: 64)] {
            #expect(throws: CLIError.self, "\(bad)") { try NewFunction.checkName(bad) }
        }
    }

    @Test func aBuildIsPutTogether() async throws {
        try await with { surroundings in
            let context = BuildContext(surroundings: surroundings)
            try TemplateFolder(surroundings).writeOwn("python3")
            try write("def handle(req): return 1", surroundings.path("hello/handler.py"))
            try write("x", surroundings.path("hello/template/no"))
            try write("shared", surroundings.path("common/lib.py"))
            try write("old", context.path(of: "hello") + "/old")
            var function = StackFunction(name: "hello", place: "stack.yaml:5")
            function.lang = "python3"
            function.handler = "./hello"
            try context.assemble(function, copies: ["./common"])
            let path = context.path(of: "hello")
            #expect(try read(path + "/function/handler.py") == "def handle(req): return 1")
            #expect(try read(path + "/function/common/lib.py") == "shared")
            let exists = { FileManager.default.fileExists(atPath: path + "/" + $0) }
            #expect(exists("index.py") && exists("Dockerfile"))
            // The template's sample, the last build and the other templates are no part of it.
            #expect(!exists("function/requirements.txt") && !exists("old") && !exists("function/template"))
        }
    }

    /// Whether a build can be put together.
    private func assembles(
        _ surroundings: Surroundings, name: String = "hello", handler: String = "hello", copies: [String] = []
    ) -> Bool {
        var function = StackFunction(name: name, place: "stack.yaml:5")
        function.lang = "python3"
        function.handler = handler
        do {
            try BuildContext(surroundings: surroundings).assemble(function, copies: copies)
            return true
        } catch {
            return false
        }
    }

    @Test func nothingLeadsOutOfABuild() async throws {
        try await with { surroundings in
            try TemplateFolder(surroundings).writeOwn("python3")
            try write("x", surroundings.path("hello/a/handler.py"))
            #expect(assembles(surroundings))
            for handler in ["../x", "/etc", "a/../../x", "", "missing"] {
                #expect(!assembles(surroundings, handler: handler), "\(handler)")
            }
            #expect(!assembles(surroundings, copies: ["../x"]))
            for name in ["..", "a/b", ""] { #expect(!assembles(surroundings, name: name), "\(name)") }
        }
    }

    @Test func linksStayInside() async throws {
        try await with { surroundings in
            try TemplateFolder(surroundings).writeOwn("python3")
            try write("x", surroundings.path("hello/a/handler.py"))
            let link = surroundings.path("hello/link")
            for destination in ["../secret", "/etc/passwd", "a/../.."] {
                try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: destination)
                #expect(!assembles(surroundings), "\(destination)")
                try FolderCopy.replace(link)
            }
            try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "a/handler.py")
            #expect(assembles(surroundings))
            // A link in place of ./build would have something else removed.
            let build = surroundings.path("build")
            try FolderCopy.replace(build)
            try FileManager.default.createSymbolicLink(atPath: build, withDestinationPath: surroundings.path("hello"))
            #expect(!assembles(surroundings))
            #expect(FileManager.default.fileExists(atPath: surroundings.path("hello/a/handler.py")))
        }
    }

    @Test func buildersGetTheirArguments() throws {
        var request = BuildRequest(image: "docker.io/library/a:latest", directory: "/b")
        request.arguments = [("A", "1 2")]
        request.secrets = [("pip", "/s")]
        request.noCache = true
        request.pull = true
        let none = Surroundings(environment: [:], directory: "/")
        #expect(
            ImageBuilder.buildah.build(request, surroundings: none) == [
                "bud", "--force-rm", "--layers", "--isolation", "chroot", "--no-cache", "--build-arg", "A=1 2",
                "--pull-always",
                "--secret", "id=pip,src=/s", "--tag", "docker.io/library/a:latest", "/b",
            ])
        #expect(
            ImageBuilder.docker.build(request, surroundings: none) == [
                "build", "--no-cache", "--build-arg", "A=1 2", "--pull", "--secret", "id=pip,src=/s", "--tag",
                "docker.io/library/a:latest", "/b",
            ])
        #expect(
            ImageBuilder.buildah.export("a", to: "/f") == [
                "push", "--quiet", "a", "docker-archive:/f:docker.io/library/a:latest",
            ])
        #expect(throws: CLIError.self) { try ImageBuilder.choose("kaniko", none) }
    }

    @Test func stepsOfABuildAreSeen() {
        #expect(BuildProgress.step("STEP 3/11: COPY a b") == .init(number: 3, total: 11, text: "COPY a b"))
        #expect(BuildProgress.step("Step 1/2 : FROM x")?.total == 2)
        #expect(BuildProgress.step("#7 [build 2/4] RUN x") == .init(number: 2, total: 4, text: "RUN x"))
        #expect(BuildProgress.step("--> abc") == nil && BuildProgress.step("STEP 3/0: x") == nil)
        let bar = BuildProgress.bar(.init(number: 1, total: 2, text: "RUN"), name: "a", colour: false)
        #expect(bar == "a ████████████░░░░░░░░░░░░ 1/2 RUN" && !bar.contains("\u{1B}"))
    }

    @Test func savedFilesAreNoticed() async throws {
        try await with { surroundings in
            let path = surroundings.path("hello/handler.py")
            try write("one", path)
            let before = FolderWatch.fingerprint(of: surroundings.path("hello"))
            #expect(FolderWatch.fingerprint(of: surroundings.path("hello")) == before)
            try write("x", surroundings.path("hello/__pycache__/x"))
            #expect(FolderWatch.fingerprint(of: surroundings.path("hello")) == before)
            try write("other", path)
            #expect(FolderWatch.fingerprint(of: surroundings.path("hello")) != before)
        }
    }
}
