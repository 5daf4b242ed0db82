import Testing

@testable import Containers

@Suite struct ImageManifestTests {
    private static func digest(_ digit: Character) -> String { "sha256:" + String(repeating: digit, count: 64) }

    private func step(_ json: String, _ architecture: String = "amd64") throws -> ImageManifest.Step {
        try ImageManifest.nextStep(Array(json.utf8), architecture: architecture)
    }

    private let index = """
        {"schemaVersion":2,"manifests":[
        {"digest":"\(digest("1"))","platform":{"architecture":"unknown","os":"unknown"},
         "annotations":{"vnd.docker.reference.type":"attestation-manifest"}},
        {"digest":"\(digest("2"))","platform":{"architecture":"amd64","os":"windows"}},
        {"digest":"\(digest("3"))","platform":{"architecture":"arm64","os":"linux","variant":"v8"}},
        {"digest":"\(digest("4"))","platform":{"architecture":"amd64","os":"linux"}}]}
        """

    @Test func theVariantForThisMachine() throws {
        #expect(try step(index) == .manifest(Self.digest("4")))
        #expect(try step(index, "arm64") == .manifest(Self.digest("3")))
        let error = #expect(throws: ContainersError.self) { try step(index, "riscv64") }
        #expect(error?.code == .invalidImage)
        #expect(error?.message == "the image has no variant for linux/riscv64")
    }

    @Test func anAttestationIsNoVariant() {
        let json = """
            {"manifests":[{"digest":"\(Self.digest("1"))","annotations":{"vnd.docker.reference.type":"attestation-manifest"}}]}
            """
        #expect(throws: ContainersError.self) { try step(json) }
    }

    @Test func aManifest() throws {
        #expect(
            try step("{\"config\":{\"digest\":\"\(Self.digest("5"))\"},\"layers\":[]}") == .config(Self.digest("5")))
        for json in ["{}", "[]", "", "{\"config\":{\"digest\":\"../x\"}}", "{\"manifests\":[]}"] {
            #expect(throws: ContainersError.self) { try step(json) }
        }
    }

    @Test func configuration() throws {
        let json = """
            {"architecture":"amd64","os":"linux","config":{"Entrypoint":["/a"],"Cmd":["b"],"Env":["PATH=/bin","X=1=2","bad"],
            "ExposedPorts":{"9000/tcp":{},"8080/tcp":{}},"Labels":{"l":"v"},"WorkingDir":"/w","User":"1:2"}}
            """
        let config = try ImageConfigDocument.read(Array(json.utf8))
        #expect(config.arguments == ["/a", "b"])
        #expect(config.environment == [.init("PATH", "/bin"), .init("X", "1=2")])
        #expect(config.variable("X") == "1=2")
        #expect(config.exposedPorts == ["8080/tcp", "9000/tcp"])
        #expect(config.user == "1:2")
        #expect(config.workingDirectory == "/w")
        #expect(config.labels == ["l": "v"])
        #expect(config.architecture == "amd64")
    }

    @Test func anEmptyConfiguration() throws {
        let config = try ImageConfigDocument.read(Array("{\"config\":null}".utf8))
        #expect(config.arguments.isEmpty)
        #expect(throws: ContainersError.self) { try ImageConfigDocument.read(Array("7".utf8)) }
    }
}
