import Logging
import Synchronization
import Testing

@testable import Containers

@Suite struct ImageStoreTests {
    private func store(_ runner: any CommandRunner, _ settings: ImageSettings = ImageSettings()) -> ImageStore {
        let ctr = Ctr(
            settings: CtrSettings(privateDirectory: "/nonexistent"), runner: runner, logger: Logger(label: "test")
        ) { true }
        return ImageStore(ctr: ctr, settings: settings)
    }

    private static func listing(_ name: String) -> CommandResult {
        let digest = "sha256:" + String(repeating: "a", count: 64)
        return CommandResult(
            status: .exited(0), output: Array("REF TYPE DIGEST\n\(name) type \(digest) 1 MiB linux/amd64 -\n".utf8))
    }

    @Test func whatIsPresentIsNotPulled() async throws {
        let runner = RecordingRunner { _ in Self.listing("docker.io/library/a:1") }
        let reference = try ImageReference("a:1")
        #expect(
            try await store(runner).ensure(reference, namespace: "n", policy: .ifNotPresent).name
                == "docker.io/library/a:1")
        #expect(runner.requests == [["images", "list", #"name=="a:1""#, #"name=="docker.io/library/a:1""#]])
    }

    @Test func aShortNameIsFound() async throws {
        let runner = RecordingRunner { _ in Self.listing("a:1") }
        #expect(try await store(runner).find(ImageReference("a:1"), namespace: "n")?.name == "a:1")
        #expect(try await store(runner).find(ImageReference("b:1"), namespace: "n") == nil)
    }

    @Test func pull() async throws {
        try await TemporaryDirectory.with { directory in
            try directory.write(#"{"auths":{"127.0.0.1:5000":{"username":"bob","password":"s3cret"}}}"#, to: "c.json")
            let runner = RecordingRunner { command in
                command.arguments.contains("pull")
                    ? CommandResult(status: .exited(0)) : Self.listing("127.0.0.1:5000/a:1")
            }
            let settings = ImageSettings(dockerConfigPaths: [directory.path + "/c.json"])
            _ = try await store(runner, settings).ensure(
                ImageReference("127.0.0.1:5000/a:1"), namespace: "n", policy: .always)
            #expect(runner.requests[0] == ["images", "pull", "--plain-http", "--user", "bob", "127.0.0.1:5000/a:1"])
            #expect(runner.calls[0].input == .terminalLine("s3cret"))
            #expect(runner.calls[0].timeLimit == .seconds(600))
            #expect(runner.calls[0].output == .discarded)
            #expect(!runner.calls[0].arguments.contains { $0.contains("s3cret") })
        }
    }

    @Test(arguments: [
        ("localhost/a", true), ("localhost:1/a", true), ("127.0.0.1/a", true), ("127.9.9.9:5/a", true),
        ("[::1]:5/a", true), ("127.example.com/a", false), ("127.0.0.1.example.com/a", false), ("docker.io/a", false),
        ("in.example:5/a", true), ("lab.example:99/a", true), ("in.example:6/a", false), ("in.example/a", false),
    ])
    func plainHTTP(image: String, plain: Bool) throws {
        let store = store(
            RecordingRunner(), ImageSettings(insecureRegistries: ["in.example:5", "lab.example"]))
        #expect(store.isPlainHTTP(try ImageReference(image).domain) == plain)
    }

    @Test func failuresOfAPull() async throws {
        for (recording, code) in [
            ("pull-not-found", ContainersError.Code.imageNotFound), ("pull-unauthorized", .unauthorized),
            ("pull-refused", .registryUnreachable), ("daemon-refused", .unavailable),
        ] {
            let runner = RecordingRunner { _ in try Recorded.failure(recording) }
            let error = await #expect(throws: ContainersError.self) {
                try await store(runner).ensure(ImageReference("a"), namespace: "n", policy: .always)
            }
            #expect(error?.code == code)
        }
    }

    @Test func importCompletesNames() async throws {
        let runner = RecordingRunner { command in
            command.arguments.contains("import")
                ? try Recorded.success("import-oci") : CommandResult(status: .exited(0))
        }
        let names = try await store(runner).importArchive("/a.tar", namespace: "n")
        #expect(names.map(\.description) == ["docker.io/foo/bar:v1"])
        #expect(
            runner.requests == [
                ["images", "import", "/a.tar"], ["images", "check", #"name=="foo/bar:v1""#],
                ["images", "tag", "--force", "foo/bar:v1", "docker.io/foo/bar:v1"],
                ["images", "delete", "foo/bar:v1"],
            ])
    }

    @Test func importFailures() async throws {
        for (recording, code) in [
            ("import-no-file", ContainersError.Code.invalidArgument), ("import-no-image", .invalidImage),
            ("import-not-an-archive", .invalidImage),
        ] {
            let runner = RecordingRunner { _ in try Recorded.failure(recording) }
            let error = await #expect(throws: ContainersError.self) {
                try await store(runner).importArchive("/a.tar", namespace: "n")
            }
            #expect(error?.code == code)
        }
        let error = await #expect(throws: ContainersError.self) {
            try await store(RecordingRunner()).importArchive("a.tar", namespace: "n")
        }
        #expect(error?.code == .invalidArgument)
    }

    @Test func removeOfWhatIsAbsent() async throws {
        let runner = RecordingRunner { _ in try Recorded.success("images-list-empty") }
        try await store(runner).remove(ImageReference("a"), namespace: "n")
        #expect(runner.calls.count == 1)
    }

    @Test func anIndexInsideAnIndexInsideAnIndex() async throws {
        let digest = "sha256:" + String(repeating: "a", count: 64)
        let runner = RecordingRunner { _ in
            CommandResult(status: .exited(0), output: Array("{\"manifests\":[{\"digest\":\"\(digest)\"}]}".utf8))
        }
        let image = ImageInfo(name: "a", digest: digest, mediaType: "x")
        let error = await #expect(throws: ContainersError.self) {
            try await store(runner).config(image, namespace: "n")
        }
        #expect(error?.code == .invalidImage)
        #expect(runner.calls.count == 3)
    }
}
