extension ContainerSpec {
    /// The longest variable, in bytes: the kernel takes 131072 with the name, the `=` and the final NUL.
    private static let maximumVariable = 131_072 - 2
    /// A bound for the arguments of one process, far below the kernel's.
    private static let maximumArguments = 1 << 20

    /// PID_MAX_LIMIT of the kernel's linux/threads.h for 64 bits.
    private static let maximumProcesses = 1 << 22
    /// The kernel's default for fs.nr_open.
    private static let maximumOpenFiles: UInt64 = 1 << 20

    /// Checks every field that becomes an argument of a program.
    ///
    /// - Throws: `invalidArgument` with the field and its rule.
    public func check() throws(ContainersError) {
        try RuntimeNames.checkIdentifier(id, field: "container id")
        try RuntimeNames.checkIdentifier(namespace, field: "namespace")
        guard !image.isEmpty, !image.hasPrefix("-"), image.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
            throw ContainersError(.invalidArgument, "the image \"\(BoundedText.shown(image))\" is not a reference")
        }
        try checkArguments()
        for variable in environment { try Self.check(variable) }
        for mount in mounts { try Self.check(mount) }
        try RuntimeNames.checkLabels(labels)
        try checkLimits()
        if let hostname { try RuntimeNames.checkHostname(hostname) }
        guard seccomp || seccompProfile == nil else {
            throw ContainersError(.invalidArgument, "a seccomp profile needs seccomp to be on")
        }
        for name in addCapabilities where !Self.isCapability(name) {
            throw ContainersError(
                .invalidArgument, "the capability \"\(BoundedText.shown(name))\" must look like CAP_NET_BIND_SERVICE")
        }
        try checkPaths()
    }

    private func checkArguments() throws(ContainersError) {
        guard let arguments else { return }
        let size = arguments.reduce(0) { $0 + $1.utf8.count + 1 }
        guard let first = arguments.first, !first.isEmpty, size <= Self.maximumArguments,
            !arguments.contains(where: { $0.utf8.contains(0) || $0.utf8.count >= Self.maximumVariable })
        else {
            throw ContainersError(
                .invalidArgument, "the command line must name a program, have no NUL and at most 1 MiB")
        }
    }

    private func checkLimits() throws(ContainersError) {
        // Docker has the same floor: with less, the runtime itself is killed before the process starts.
        if let memoryLimitBytes, memoryLimitBytes < 6 << 20 {
            throw ContainersError(.invalidArgument, "the memory limit must be at least 6 MiB")
        }
        // The kernel's shortest quota is 1 ms in a period of 100 ms.
        if let cpus, !(0.01...4096).contains(cpus) {
            throw ContainersError(.invalidArgument, "the CPU limit must be from 0.01 to 4096 CPUs")
        }
        if let cpuShares, !(2...262_144).contains(cpuShares) {
            throw ContainersError(.invalidArgument, "the CPU weight must be from 2 to 262144")
        }
        if let memoryReservationBytes, memoryReservationBytes <= 0 {
            throw ContainersError(.invalidArgument, "the memory reservation must be positive")
        }
        if let pidsLimit, !(1...Self.maximumProcesses).contains(pidsLimit) {
            throw ContainersError(
                .invalidArgument, "the limit of processes must be from 1 to \(Self.maximumProcesses)")
        }
        if let openFilesLimit, !(16...Self.maximumOpenFiles).contains(openFilesLimit) {
            throw ContainersError(
                .invalidArgument, "the limit of open files must be from 16 to \(Self.maximumOpenFiles)")
        }
    }

    private func checkPaths() throws(ContainersError) {
        if let path = networkNamespacePath {
            try RuntimeNames.checkAbsolutePath(path, field: "network namespace")
            guard !path.contains(":") else {
                throw ContainersError(.invalidArgument, "the path of a network namespace must not hold ':'")
            }
        }
        if let path = workingDirectory { try RuntimeNames.checkAbsolutePath(path, field: "working directory") }
        if let target = logTarget { try RuntimeNames.checkAbsolutePath(target.binary, field: "log program") }
    }

    private static func check(_ variable: Variable) throws(ContainersError) {
        let name = variable.name.utf8
        guard !name.isEmpty, name.allSatisfy({ (0x21...0x7e).contains($0) && $0 != UInt8(ascii: "=") }) else {
            throw ContainersError(
                .invalidArgument,
                "the environment variable \"\(BoundedText.shown(variable.name))\" must have a name of visible ASCII without '='"
            )
        }
        guard !variable.value.utf8.contains(0), name.count + variable.value.utf8.count <= maximumVariable else {
            throw ContainersError(
                .invalidArgument,
                "the environment variable \(BoundedText.shown(variable.name)) must have no NUL and at most 128 KiB")
        }
    }

    private static func check(_ mount: Mount) throws(ContainersError) {
        try RuntimeNames.checkAbsolutePath(mount.destination, field: "mount destination")
        switch mount.source {
        case .bind(let path): try RuntimeNames.checkAbsolutePath(path, field: "mount source")
        case .tmpfs(let bytes):
            guard bytes > 0 else {
                throw ContainersError(.invalidArgument, "a file system in memory must have a size")
            }
        }
    }

    private static func isCapability(_ name: String) -> Bool {
        name.hasPrefix("CAP_") && name.utf8.count <= 64
            && name.utf8.dropFirst(4).allSatisfy { RuntimeNames.isAlphanumeric($0) || $0 == UInt8(ascii: "_") }
    }
}
