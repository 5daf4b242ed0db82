import Foundation
import Logging
import Testing

@testable import Containers

/// A containerd of one test: own root, own socket, own images, and nothing left at the end.
///
/// It needs root, `containerd`, `ctr`, `runc`, and a static busybox. A test fails when one of them is not there.
struct Machine {
    static let image = "docker.io/containers-test/box:latest"
    static let namespace = "containers-test"

    let directory: TemporaryDirectory
    let ctr: Ctr
    let images: ImageStore
    let daemon: Task<CommandResult, any Error>

    var address: String { directory.path + "/c.sock" }

    /// Runs a test on a machine with one image, `box`, which has busybox and nothing else.
    static func with(_ body: @Sendable (Machine) async throws -> Void) async throws {
        try await TemporaryDirectory.with { directory in
            let machine = try await start(in: directory)
            do {
                _ = try await machine.images.importArchive(
                    try await BoxImage.archive(in: directory.path + "/image"), namespace: namespace)
                try await body(machine)
            } catch {
                await machine.stop()
                throw error
            }
            await machine.stop()
            try await machine.expectNothingLeft()
        }
    }

    /// A specification that runs one command of busybox.
    func spec(_ id: String, _ arguments: [String] = ["/bin/sleep", "1000"]) -> ContainerSpec {
        ContainerSpec(id: id, namespace: Self.namespace, image: Self.image, arguments: arguments)
    }

    /// Waits for the end of the task, and returns what the container wrote to the file `out` of its directory.
    func output(of spec: ContainerSpec) async throws -> String {
        var spec = spec
        try FileManager.default.createDirectory(
            atPath: "\(directory.path)/out-\(spec.id)", withIntermediateDirectories: true)
        spec.mounts.append(Mount(.bind("\(directory.path)/out-\(spec.id)"), at: "/out"))
        _ = try await ctr.run(spec)
        try await waitForEnd(of: spec.id)
        try await ctr.delete(spec.id, namespace: Self.namespace)
        return directory.text("out-\(spec.id)/out") ?? ""
    }

    func waitForEnd(of id: String) async throws {
        _ = try await eventually {
            try await ctr.taskStates(namespace: Self.namespace)[id] == .stopped ? true : nil
        }
    }

    private static func start(in directory: TemporaryDirectory) async throws -> Machine {
        try directory.write(
            """
            version = 2
            root = "\(directory.path)/root"
            state = "\(directory.path)/state"
            disabled_plugins = ["io.containerd.grpc.v1.cri"]
            [grpc]
            address = "\(directory.path)/c.sock"
            [ttrpc]
            address = "\(directory.path)/t.sock"
            """, to: "config.toml")
        let runner = SubprocessRunner()
        let command = Command(
            "containerd", ["--config", directory.path + "/config.toml"], output: .discarded, timeLimit: .seconds(600))
        let daemon = Task { try await runner.run(command) }
        let settings = CtrSettings(
            address: directory.path + "/c.sock", privateDirectory: directory.path + "/private",
            probeNamespace: namespace)
        let ctr = Ctr(settings: settings, logger: Logger(label: "test"))
        do {
            _ = try await eventually { try? await ctr.version() }
        } catch {
            daemon.cancel()
            _ = try? await daemon.value
            throw error
        }
        return Machine(
            directory: directory, ctr: ctr, images: ImageStore(ctr: ctr, settings: ImageSettings()), daemon: daemon)
    }

    private func stop() async {
        if let left = try? await ctr.list(namespace: Self.namespace) {
            for container in left { try? await ctr.delete(container.id, namespace: Self.namespace) }
        }
        daemon.cancel()
        _ = try? await daemon.value
        // runc and the kernel keep a directory for each namespace; with another test's container in it, it stays.
        rmdir("/run/containerd/runc/\(Self.namespace)")
        for hierarchy in DirectoryContents.names(in: "/sys/fs/cgroup") {
            rmdir("/sys/fs/cgroup/\(hierarchy)/\(Self.namespace)")
        }
    }

    /// No process and no mount of this machine is left, and no file of a call.
    private func expectNothingLeft() async throws {
        _ = try await eventually { Self.processes(naming: directory.path).isEmpty ? true : nil }
        let mounts = try String(contentsOfFile: "/proc/mounts", encoding: .utf8)
        #expect(!mounts.contains(directory.path))
        #expect(directory.names("private").isEmpty)
    }

    static func processes(naming text: String) -> [Int32] {
        DirectoryContents.names(in: "/proc").compactMap { Int32($0) }.filter { pid in
            SmallFile.read("/proc/\(pid)/cmdline")?.contains(text) ?? false
        }
    }
}
