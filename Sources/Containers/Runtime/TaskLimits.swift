import Glibc

/// What `ctr` has no options for, done to a task right after its start.
///
/// The process runs already, so what it forks in its first milliseconds may have the runtime's own limits: processes
/// beyond the limit on their number stay, and children forked before keep the limit on open files they inherited.
struct TaskLimits: Sendable {
    /// How long a process that is about to end may take for it. Then it has no cgroup of its own any more, and is not
    /// seen as ended yet.
    private static let endTimeLimit: Duration = .milliseconds(500)

    let cgroupPath: String
    let hostname: String?
    let processes: Int?
    let openFiles: UInt64?
    let memoryReservation: Int64?

    init(_ spec: TaskSpec) {
        // Where containerd puts every container of `ctr run`.
        cgroupPath = "/\(spec.namespace)/\(spec.id)"
        hostname = spec.hostname
        processes = spec.pidsLimit
        openFiles = spec.openFilesLimit
        memoryReservation = spec.memoryReservationBytes
    }

    /// Applies all. A task that has ended needs none.
    ///
    /// - Throws: `startFailed` with what could not be set.
    func apply(to pid: Int32, settings: CtrSettings, runner: any CommandRunner) async throws {
        let watch = ProcessWatch(pid: pid, procRoot: settings.procRoot)
        do {
            if let processes { try ownCgroup(of: pid, settings).limitProcesses(to: processes) }
            if let memoryReservation { try ownCgroup(of: pid, settings).reserveMemory(memoryReservation) }
            if let openFiles { try Self.limitOpenFiles(pid, openFiles) }
            if let hostname { try await Self.name(pid, hostname, settings.procRoot, runner) }
        } catch let error as ContainersError {
            if try await watch.waitForEnd(Self.endTimeLimit) { return }
            throw ContainersError(
                .startFailed, "the limits of a container could not be set: \(error.message)", details: error.details)
        }
    }

    /// The root of the hierarchy, where a process that ends is moved, must not be limited: that is the whole machine.
    private func ownCgroup(of pid: Int32, _ settings: CtrSettings) throws(ContainersError) -> Cgroup {
        let cgroup = try Cgroup.locate(pid: pid, procRoot: settings.procRoot, cgroupRoot: settings.cgroupRoot)
        guard cgroup.processDirectory?.hasSuffix(cgroupPath) ?? true else {
            throw ContainersError(.internalError, "process \(pid) is not in the control group \(cgroupPath)")
        }
        return cgroup
    }

    private typealias SetLimits =
        @convention(c) (
            Int32, Int32, UnsafePointer<rlimit>?, UnsafeMutablePointer<rlimit>?
        ) -> Int32

    /// prlimit(2). Both limits are set, so that the process cannot raise its own again.
    ///
    /// The call is looked up by name, because the C library declares it only for those who ask for its extensions,
    /// which Swift does not; another program in its place would take most of the time of a start.
    private static func limitOpenFiles(_ pid: Int32, _ count: UInt64) throws(ContainersError) {
        guard let symbol = dlsym(nil, "prlimit") else {
            throw ContainersError(.internalError, "the C library has no prlimit")
        }
        var limit = rlimit(rlim_cur: rlim_t(count), rlim_max: rlim_t(count))
        let setLimits = unsafeBitCast(symbol, to: SetLimits.self)
        guard setLimits(pid, Int32(RLIMIT_NOFILE.rawValue), &limit, nil) == 0 else {
            throw ContainersError(
                .internalError, "\(count) open files are refused: \(String(cString: strerror(errno)))")
        }
    }

    /// The host's own name must never be changed, so a process that shares it is refused.
    private static func name(
        _ pid: Int32, _ hostname: String, _ procRoot: String, _ runner: any CommandRunner
    ) async throws {
        let namespace = "\(procRoot)/\(pid)/ns/uts"
        guard let inside = inode(namespace), inside != inode("/proc/self/ns/uts") else {
            throw ContainersError(.internalError, "the container has no host name of its own")
        }
        let result = try await runner.run(Command("nsenter", ["--uts=\(namespace)", "hostname", hostname]))
        guard result.succeeded else {
            throw ContainersError(
                .internalError, "the host name could not be set: \(result.status)", details: result.error)
        }
    }

    private static func inode(_ path: String) -> UInt64? {
        var status = stat()
        return stat(path, &status) == 0 ? UInt64(status.st_ino) : nil
    }
}
