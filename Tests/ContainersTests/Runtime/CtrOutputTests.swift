import Testing

@testable import Containers

@Suite struct CtrOutputTests {
    @Test func containers() throws {
        let rows = CtrOutput.containers(try Recorded.text("containers-list"))
        #expect(rows.map(\.id) == ["l2", "web-1", "web-2", "web-3", "web-4"])
        #expect(rows.allSatisfy { $0.image == "docker.io/test/box:latest" })
        #expect(CtrOutput.containers(try Recorded.text("containers-list-empty")).isEmpty)
    }

    @Test func tasks() throws {
        let states = CtrOutput.tasks(try Recorded.text("tasks-list"))
        #expect(states == ["web-1": .running(pid: 16652), "web-2": .paused(pid: 16725), "web-3": .stopped])
        #expect(CtrOutput.tasks(try Recorded.text("tasks-list-empty")).isEmpty)
    }

    @Test func statesThatWereNotRecorded() {
        let states = CtrOutput.tasks("TASK PID STATUS\na 5 CREATED\nb 6 PAUSING\nc 0 UNKNOWN\nd 7\n")
        #expect(states == ["a": .created(pid: 5), "b": .paused(pid: 6), "c": .unknown])
    }

    @Test func images() throws {
        let images = CtrOutput.images(try Recorded.text("images-list"))
        #expect(images.count == 5)
        #expect(images[2].name == "docker.io/test/box:latest")
        #expect(images[2].digest == "sha256:c889a3f6475937907fbe1c3bf2a6aacf72e76f8a8594fc99b8cca51ec83f2449")
        #expect(images[2].mediaType == "application/vnd.docker.distribution.manifest.v2+json")
        #expect(CtrOutput.images(try Recorded.text("images-list-empty")).isEmpty)
    }

    @Test func blobsAndWhatIsIncomplete() {
        let digest = "sha256:" + String(repeating: "a", count: 64)
        #expect(CtrOutput.blobs("\(digest)\nsha256:x\n\n") == [digest])
        // Of containerd 1.6.20.
        let check = """
            REF     TYPE DIGEST STATUS           SIZE              UNPACKED
            a/b:1   t    \(digest) complete (5/5)   62.0 MiB/62.0 MiB true
            a/c:1   t    \(digest) incomplete (2/3) 1.0 KiB/62.0 MiB  true
            """
        #expect(CtrOutput.incompleteImages(check) == ["a/c:1"])
    }

    @Test func namespaces() throws {
        let namespaces = CtrOutput.namespaces(try Recorded.text("namespaces-list"))
        #expect(
            namespaces == [
                ContainerNamespace(name: "t1", labels: [:]),
                ContainerNamespace(name: "t2", labels: ["note": "x,y", "team": "a"]),
            ])
    }

    @Test func version() throws {
        let version = try #require(CtrOutput.version(try Recorded.text("version")))
        #expect(version == RuntimeVersion(client: "1.6.20~ds1", server: "1.6.20~ds1"))
        #expect(CtrOutput.version("Client:\n  Version: 1\n") == nil)
    }

    @Test func importedImages() throws {
        #expect(CtrOutput.importedImages(try Recorded.text("import-docker")) == ["docker.io/test/box:latest"])
        #expect(CtrOutput.importedImages(try Recorded.text("import-oci")) == ["foo/bar:v1"])
    }

    @Test func containerInfo() throws {
        let info = try CtrContainerInfo(Array(try Recorded.text("container-info").utf8))
        let details = info.details(namespace: "t1", task: .stopped)
        #expect(details.id == "web-1")
        #expect(details.labels["la"] == "1,2")
        #expect(details.labels["lb"] == "x=y")
        #expect(details.arguments == ["/bin/sleep", "1000"])
        #expect(details.cgroupPath == "/t1/web-1")
        #expect(details.networkNamespacePath == nil)
        #expect(details.createdAt.hasPrefix("2026-11-24T04:17:39"))
    }

    @Test func defaultCapabilitiesAreThoseOfTheRecord() throws {
        let record = try Recorded.text("container-info")
        for name in CtrRunArguments.defaultCapabilities { #expect(record.contains("\"\(name)\"")) }
        let names = Set(record.split(separator: "\"").filter { $0.hasPrefix("CAP_") }.map(String.init))
        #expect(names == Set(CtrRunArguments.defaultCapabilities))
    }

    @Test func garbageIsNoRow() {
        #expect(CtrOutput.containers("").isEmpty)
        #expect(CtrOutput.images("REF TYPE DIGEST\nx y z\n").isEmpty)
        #expect(CtrOutput.namespaces("\n\n").isEmpty)
        #expect(throws: ContainersError.self) { try CtrContainerInfo(Array("[]".utf8)) }
    }
}
