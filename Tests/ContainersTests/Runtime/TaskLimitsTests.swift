import Glibc
import Testing

@testable import Containers

@Suite struct TaskLimitsTests {
    private static func spec() -> ContainerSpec {
        ContainerSpec(id: "a", namespace: "n", image: "i", hostname: "fn-1", pidsLimit: 30)
    }

    /// A process as the kernel shows it. The number is this process's, so that it is one that lives.
    private static func settings(_ directory: TemporaryDirectory, cgroup: String = "/n/a") throws -> CtrSettings {
        let process = "proc/\(getpid())"
        try directory.write("1 (x) S 1 1 1 0 -1 4194560 1 1 1 1 1 1 1 1 20 0 1 0 77 1 1\n", to: "\(process)/stat")
        try directory.write("3:pids:\(cgroup)\n2:memory:\(cgroup)\n", to: "\(process)/cgroup")
        try directory.write("", to: "\(process)/ns/uts")
        try directory.write("max\n", to: "cg/pids/n/a/pids.max")
        try directory.write("max\n", to: "cg/pids/pids.max")
        return CtrSettings(
            privateDirectory: directory.path + "/private", procRoot: directory.path + "/proc",
            cgroupRoot: directory.path + "/cg")
    }

    @Test func all() async throws {
        try await TemporaryDirectory.with { directory in
            let runner = RecordingRunner()
            let settings = try Self.settings(directory)
            try await TaskLimits(Self.spec().task).apply(to: getpid(), settings: settings, runner: runner)
            #expect(directory.text("cg/pids/n/a/pids.max")?.hasPrefix("30") == true)
            #expect(
                runner.calls.map { [$0.executable] + $0.arguments } == [
                    ["nsenter", "--uts=\(settings.procRoot)/\(getpid())/ns/uts", "hostname", "fn-1"]
                ])
        }
    }

    @Test func noneAsked() async throws {
        try await TemporaryDirectory.with { directory in
            let runner = RecordingRunner()
            let spec = ContainerSpec(id: "a", namespace: "n", image: "i")
            try await TaskLimits(spec.task).apply(to: getpid(), settings: Self.settings(directory), runner: runner)
            #expect(runner.calls.isEmpty)
            #expect(directory.text("cg/pids/n/a/pids.max") == "max\n")
        }
    }

    /// More than the kernel lets any process have, which is refused before anything is changed.
    @Test func tooManyOpenFiles() async throws {
        try await TemporaryDirectory.with { directory in
            let settings = try Self.settings(directory)
            var spec = Self.spec()
            spec.openFilesLimit = 1 << 40
            let limits = TaskLimits(spec.task)
            let error = await #expect(throws: ContainersError.self) {
                try await limits.apply(to: getpid(), settings: settings, runner: RecordingRunner())
            }
            #expect(error?.message.contains("open files are refused: Operation not permitted") == true)
        }
    }

    @Test func theNameCannotBeSet() async throws {
        try await TemporaryDirectory.with { directory in
            let runner = RecordingRunner { _ in CommandResult(status: .exited(1), error: "no luck") }
            let settings = try Self.settings(directory)
            let error = await #expect(throws: ContainersError.self) {
                try await TaskLimits(Self.spec().task).apply(to: getpid(), settings: settings, runner: runner)
            }
            #expect(error?.code == .startFailed)
            #expect(error?.message.hasPrefix("the limits of a container could not be set: ") == true)
            #expect(error?.details == "no luck")
            // Without the process it is no failure.
            try directory.write("1 (x) Z 1\n", to: "proc/\(getpid())/stat")
            try await TaskLimits(Self.spec().task).apply(to: getpid(), settings: settings, runner: runner)
        }
    }

    /// A process that ends is moved to the root, whose limit is the machine's.
    @Test(arguments: ["/", "/n/b", "/n"])
    func anotherControlGroup(path: String) async throws {
        try await TemporaryDirectory.with { directory in
            let settings = try Self.settings(directory, cgroup: path)
            let error = await #expect(throws: ContainersError.self) {
                try await TaskLimits(Self.spec().task).apply(
                    to: getpid(), settings: settings, runner: RecordingRunner())
            }
            #expect(error?.message.hasSuffix("is not in the control group /n/a") == true)
            #expect(directory.text("cg/pids/pids.max") == "max\n")
        }
    }

    @Test func theNameOfTheHostIsNotChanged() async throws {
        try await TemporaryDirectory.with { directory in
            let settings = try Self.settings(directory)
            let file = "\(settings.procRoot)/\(getpid())/ns/uts"
            unlink(file)
            symlink("/proc/self/ns/uts", file)
            let runner = RecordingRunner()
            let error = await #expect(throws: ContainersError.self) {
                try await TaskLimits(Self.spec().task).apply(to: getpid(), settings: settings, runner: runner)
            }
            #expect(error?.message.hasSuffix("the container has no host name of its own") == true)
            #expect(!runner.calls.contains { $0.name == "nsenter" })
        }
    }
}
