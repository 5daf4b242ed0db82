import ArgumentParser
import Foundation
import NIOCore
import OpenFaaSAPI
import Testing

@testable import CLI

/// What is sent of an image: archives that are put together, and what names things in them.
struct ImageArchiveTests {
    private func with(_ body: (String) async throws -> Void) async throws {
        try await ScratchFolder.with(body)
    }

    private func bytes(of archive: ImageArchive) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        for try await piece in archive { bytes += Array(piece.readableBytesView) }
        return bytes
    }

    private func blob(_ letter: Character, size: Int64) -> ImageManifest.Blob {
        ImageManifest.Blob(
            mediaType: "application/vnd.oci.image.layer.v1.tar",
            digest: "sha256:" + String(repeating: letter, count: 64), size: size)
    }

    private func manifest(_ config: ImageManifest.Blob, _ layers: [ImageManifest.Blob]) throws -> ImageManifest {
        func text(_ blob: ImageManifest.Blob) -> String {
            #"{"mediaType":"\#(blob.mediaType)","digest":"\#(blob.digest)","size":\#(blob.size)}"#
        }
        return try #require(
            ImageManifest(
                Array(
                    #"{"schemaVersion":2,"config":\#(text(config)),"layers":[\#(layers.map(text).joined(separator: ","))]}"#
                        .utf8)))
    }

    @Test func anArchiveOfPartsIsOneThatTarReads() async throws {
        try await with { directory in
            let file = directory + "/source"
            try Data("..layer..".utf8).write(to: URL(fileURLWithPath: file))
            let config = blob("a", size: 2), layer = blob("b", size: 5)
            let manifest = try manifest(config, [layer, blob("c", size: 1)])
            let archive = try ImageArchive.oci(
                manifest, image: "docker.io/library/x:1",
                blobs: [(config, .bytes([7, 8])), (layer, .file(path: file, offset: 2, length: 5))])
            let bytes = try await bytes(of: archive)
            #expect(bytes.count == archive.length && bytes.count % 512 == 0)
            let path = directory + "/a.tar"
            try Data(bytes).write(to: URL(fileURLWithPath: path))
            let tar = Program(name: "tar", directory: directory)
            let listed = try await tar.run(["-tf", path])
            #expect(listed.code == 0, "\(listed.error)")
            #expect(
                listed.output.split(separator: "\n").map(String.init) == [
                    "oci-layout", "index.json", "blobs/sha256/" + manifest.digest.dropFirst(7), config.path, layer.path,
                ])
            #expect(try await tar.run(["-xOf", path, layer.path]).output == "layer")
            // And read back by what reads a builder's archives.
            let files = try TarFile.files(in: path)
            let place = try #require(files[layer.path])
            #expect(Array(bytes[Int(place.lowerBound)..<Int(place.upperBound)]) == Array("layer".utf8))
            let index = try await tar.run(["-xOf", path, "index.json"]).output
            #expect(index.contains(#""io.containerd.image.name":"docker.io\/library\/x:1""#), "\(index)")
        }
    }

    @Test func archivesOfOthersAreRead() async throws {
        try await with { directory in
            let name = String(repeating: "n", count: 64) + ".tar"
            try Data(repeating: 1, count: 700).write(to: URL(fileURLWithPath: directory + "/" + name))
            try FileManager.default.createSymbolicLink(atPath: directory + "/link", withDestinationPath: name)
            let tar = Program(name: "tar", directory: directory)
            #expect(try await tar.run(["-cf", "a.tar", "link", name]).code == 0)
            let files = try TarFile.files(in: directory + "/a.tar")
            #expect(files == [name: 1024..<1724])
            try Data(repeating: 0x78, count: 600).write(to: URL(fileURLWithPath: directory + "/bad"))
            #expect(throws: CLIError.self) { try TarFile.files(in: directory + "/bad") }
        }
    }

    @Test(arguments: [
        "", "[]", "{}", #"{"config":{"mediaType":"a","digest":"sha256:../../etc/passwd","size":1},"layers":[]}"#,
        #"{"mediaType":"application/vnd.docker.distribution.manifest.v2+json","layers":[]}"#,
    ]) func whatIsNoManifestIsNone(text: String) {
        #expect(ImageManifest(Array(text.utf8)) == nil)
    }

    @Test func registriesOfImages() {
        for (image, registry, local) in [
            ("a", "docker.io", false), ("me/a:1", "docker.io", false), ("ghcr.io/me/a", "ghcr.io", false),
            ("127.0.0.1:5000/a", "127.0.0.1:5000", true), ("localhost:5/a:1", "localhost:5", true),
            ("[::1]:5/a", "[::1]:5", true), ("127.example.com/a", "127.example.com", false),
        ] {
            #expect(FunctionImage.registry(of: image) == registry)
            #expect(FunctionImage.isLocal(image) == local, "\(image)")
        }
    }

    @Test func credentialsAreUsedForTheirRegistryOnly() async throws {
        try await with { directory in
            let credentials = RegistryCredentials(Surroundings(environment: [:], directory: directory))
            #expect(!credentials.know("ghcr.io/a"))
            try LocalFile.makeDirectory(credentials.directory)
            try LocalFile.write(
                Array(#"{"auths":{"https://index.docker.io/v1/":{"auth":"x"},"127.0.0.1:5000":{}}}"#.utf8),
                to: credentials.file, mode: 0o600)
            #expect(credentials.know("me/a") && credentials.know("127.0.0.1:5000/a") && !credentials.know("ghcr.io/a"))
            let words = ImageBuilder.buildah.push("127.0.0.1:5000/a:1", quiet: true, credentials: credentials.file)
            #expect(
                words == [
                    "push", "--quiet", "--authfile", credentials.file, "--tls-verify=false", "127.0.0.1:5000/a:1",
                    "docker://127.0.0.1:5000/a:1",
                ])
            #expect(!ImageBuilder.buildah.push("ghcr.io/a", quiet: false).contains("--tls-verify=false"))
        }
    }

    @Test func platforms() throws {
        var function = StackFunction(name: "a")
        #expect(try PublishOptions.parse([]).platforms(of: function) == [])
        function.platforms = "linux/amd64, linux/arm64"
        #expect(try PublishOptions.parse([]).platforms(of: function) == ["linux/amd64", "linux/arm64"])
        let flag = try PublishOptions.parse(["--platforms", "linux/arm/v7"])
        #expect(try flag.platforms(of: function) == ["linux/arm/v7"])
        #expect(throws: CLIError.self) { try PublishOptions.parse(["--platforms", "arm64"]).platforms(of: function) }
        #expect(throws: CLIError.self) { try PublishOptions.parse(["--reset-qemu"]).check() }
        #expect(throws: CLIError.self) { try PublishOptions.parse(["--extra-tag", "a:b"]).check() }

        var request = BuildRequest(image: "a:1", directory: "/d")
        let surroundings = Surroundings(environment: [:], directory: "/")
        #expect(ImageBuilder.buildah.build(request, surroundings: surroundings).contains("--layers"))
        request.platforms = ["linux/amd64", "linux/arm64"]
        let words = ImageBuilder.buildah.build(request, surroundings: surroundings)
        #expect(words.suffix(5) == ["--platform", "linux/amd64,linux/arm64", "--manifest", "a:1", "/d"])
    }

    @Test func differences() throws {
        var function = StackFunction(name: "a")
        function.labels = ["x": "1"]
        function.limits = FunctionResources(memory: "64Mi", cpu: nil)
        let wanted = FunctionFacts(function, image: "a:latest", environment: ["A": "1"])
        var deployment = FunctionDeployment(
            service: "a", image: "a:latest", envProcess: "cat", envVars: ["A": "1", "B": "2"])
        deployment.labels = ["x": "1"]
        deployment.limits = FunctionResources(memory: "64Mi", cpu: nil)
        func differences(_ variables: DiffCommand.Variables) throws -> [String] {
            let status = FunctionStatus(
                name: try FunctionName("a"), deployment: deployment, invocationCount: 0, replicas: 1,
                availableReplicas: 1,
                createdAt: "")
            return FunctionFacts.differences(wanted, FunctionFacts(status), variables: variables)
        }
        #expect(try differences(.local) == [])
        #expect(try differences(.all) == ["+ environment.B: 2"])
        deployment.image = "a:2"
        deployment.secrets = ["key"]
        #expect(try differences(.local) == ["- image: a:latest", "+ image: a:2", "+ secrets.key: present"])
        #expect(FunctionFacts.differences(wanted, nil, variables: .local) == ["is not deployed"])
    }
}
