extension Cgroup {
    /// Lets the task have at most so many processes and threads at one time; more cannot be started, those that are
    /// there go on.
    ///
    /// - Throws: `internalError` when this machine does not limit processes, or the cgroup is gone.
    public func limitProcesses(to count: Int) throws(ContainersError) {
        guard let directory = processDirectory else {
            throw ContainersError(
                .internalError, "there is no control group that limits processes; mount the pids controller")
        }
        try SmallFile.write("\(count)", to: "\(directory)/pids.max", before: .present)
    }

    /// Lets the task keep so much memory when the machine runs short; a promise of the kernel's best effort.
    ///
    /// - Throws: `internalError` when the cgroup is gone.
    public func reserveMemory(_ bytes: Int64) throws(ContainersError) {
        switch layout {
        case .v1(let directories):
            try SmallFile.write(
                "\(bytes)", to: "\(directories["memory"] ?? "")/memory.soft_limit_in_bytes", before: .present)
        case .v2(let directory): try SmallFile.write("\(bytes)", to: "\(directory)/memory.low", before: .present)
        }
    }

    /// The directory with the limit; nil when the controller is not there.
    var processDirectory: String? {
        switch layout {
        case .v1(let directories): directories["pids"]
        case .v2(let directory): directory
        }
    }
}
