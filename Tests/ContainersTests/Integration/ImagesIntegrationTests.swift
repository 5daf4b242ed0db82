import Foundation
import Testing

@testable import Containers

extension IntegrationTests {
    @Suite(.serialized) struct ImagesTests {
        private static let namespace = Machine.namespace

        @Test func archives() async throws {
            try await Machine.with { machine in
                let reference = try ImageReference(Machine.image)
                let image = try await machine.images.ensure(reference, namespace: Self.namespace, policy: .ifNotPresent)
                #expect(image.name == Machine.image)
                let config = try await machine.images.config(image, namespace: Self.namespace)
                #expect(config.arguments == ["/bin/sh", "-c", "echo from the image > /out/out"])
                #expect(config.exposedPorts == ["8080/tcp"])
                #expect(config.variable("FROM_IMAGE") == "1")
                #expect(config.labels == ["box.label": "a,b"])

                // `ctr` exports an index, so the configuration is found by way of one as well.
                let archive = machine.directory.path + "/oci.tar"
                try await BoxImage.ociArchive(machine, to: archive)
                try await machine.images.remove(reference, namespace: Self.namespace)
                try await machine.images.remove(reference, namespace: Self.namespace)
                #expect(try await machine.images.list(namespace: Self.namespace).isEmpty)
                #expect(try await machine.images.importArchive(archive, namespace: Self.namespace) == [reference])
                let again = try #require(try await machine.images.find(reference, namespace: Self.namespace))
                #expect(try await machine.images.config(again, namespace: Self.namespace) == config)
                _ = try await machine.ctr.run(machine.spec("a"))
            }
        }

        @Test func shortNamesInArchives() async throws {
            try await Machine.with { machine in
                let archive = try await BoxImage.archive(
                    in: machine.directory.path + "/short", name: "team/short:1")
                let names = try await machine.images.importArchive(archive, namespace: Self.namespace)
                #expect(names.map(\.description) == ["docker.io/team/short:1"])
                let list = try await machine.images.list(namespace: Self.namespace).map(\.name)
                #expect(list.sorted() == [Machine.image, "docker.io/team/short:1"])
            }
        }

        @Test func badArchives() async throws {
            try await Machine.with { machine in
                try machine.directory.write("not an archive", to: "a.tar")
                try machine.directory.write("", to: "b.tar")
                for (path, code) in [
                    ("a.tar", ContainersError.Code.invalidImage), ("b.tar", .invalidImage), ("c.tar", .invalidArgument),
                ] {
                    let error = await #expect(throws: ContainersError.self) {
                        try await machine.images.importArchive(
                            "\(machine.directory.path)/\(path)", namespace: Self.namespace)
                    }
                    #expect(error?.code == code, "\(path): \(String(describing: error))")
                }
            }
        }

        @Test func pulling() async throws {
            try await Machine.with { machine in
                try await Registry.with(in: machine.directory) { open, closed in
                    try await push(machine, to: "\(open)/team/box:1")
                    let reference = try ImageReference("\(open)/team/box:1")
                    try await expectCode(.imageNotFound, machine.images, "\(open)/team/box:2")
                    try await expectCode(.imageNotFound, machine.images, "\(open)/none:1")
                    try await expectCode(.registryUnreachable, machine.images, "127.0.0.1:1/box:1")
                    try await expectCode(.unauthorized, machine.images, "\(closed)/team/box:1")

                    let images = machine.images
                    let pulled = try await withThrowingTaskGroup(of: ImageInfo.self) { group in
                        for _ in 0..<5 {
                            group.addTask {
                                try await images.ensure(reference, namespace: Self.namespace, policy: .always)
                            }
                        }
                        return try await group.reduce(into: []) { $0.append($1) }
                    }
                    #expect(Set(pulled.map(\.name)) == ["\(open)/team/box:1"])
                    var spec = machine.spec("pulled")
                    spec.image = pulled[0].name
                    _ = try await machine.ctr.run(spec)

                    try await pullWithPasswords(machine, closed)
                }
            }
        }

        private func pullWithPasswords(_ machine: Machine, _ closed: String) async throws {
            for (password, name) in [(Registry.password, "good.json"), ("wrong", "bad.json")] {
                let auth = Data("\(Registry.user):\(password)".utf8).base64EncodedString()
                try machine.directory.write(#"{"auths":{"\#(closed)":{"auth":"\#(auth)"}}}"#, to: name)
            }
            let path = machine.directory.path
            let bad = ImageStore(ctr: machine.ctr, settings: ImageSettings(dockerConfigPaths: [path + "/bad.json"]))
            try await expectCode(.unauthorized, bad, "\(closed)/team/box:1")
            let good = ImageStore(
                ctr: machine.ctr,
                settings: ImageSettings(dockerConfigPaths: [path + "/missing.json", path + "/good.json"]))
            let image = try await good.ensure(
                ImageReference("\(closed)/team/box:1"), namespace: Self.namespace, policy: .ifNotPresent)
            #expect(image.name == "\(closed)/team/box:1")
        }

        private func push(_ machine: Machine, to name: String) async throws {
            let client = machine.ctr.client
            for arguments in [
                ["images", "tag", Machine.image, name], ["images", "push", "--plain-http", name],
                ["images", "delete", name],
            ] {
                _ = try await client.require(arguments, namespace: Self.namespace, about: name)
            }
        }

        private func expectCode(
            _ code: ContainersError.Code, _ images: ImageStore, _ name: String,
            sourceLocation: SourceLocation = #_sourceLocation
        ) async throws {
            let reference = try ImageReference(name)
            let error = await #expect(throws: ContainersError.self, sourceLocation: sourceLocation) {
                try await images.ensure(reference, namespace: Self.namespace, policy: .ifNotPresent)
            }
            #expect(error?.code == code, "\(String(describing: error))", sourceLocation: sourceLocation)
        }
    }
}
