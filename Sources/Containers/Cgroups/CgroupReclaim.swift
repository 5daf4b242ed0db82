/// What was taken back from a task, in bytes of all its memory, file pages included.
public struct ReclaimedMemory: Sendable, Equatable {
    /// In use before.
    public let before: UInt64
    /// In use after.
    public let after: UInt64
}

extension Cgroup {
    /// Asks the kernel to take back as much of the task's memory as it can: file pages are dropped, and other pages go
    /// to swap where there is swap. Nothing is lost, and nothing is ever killed for it.
    ///
    /// The call blocks its thread until the kernel is done, some ten milliseconds for a small task.
    ///
    /// - Returns: what it brought; nil where this kernel has no switch for it.
    /// - Throws: `notFound` when the cgroup is gone.
    func reclaimMemory() throws(ContainersError) -> ReclaimedMemory? {
        let (usage, control) = reclaimFiles
        guard SmallFile.exists(control) else { return nil }
        let before = try bytes(usage)
        // The kernel's documentation, cgroup-v1/memory.rst 5.1: anything written reclaims what it can. Version 2 takes a
        // number, and refuses (EAGAIN) when it was less than that: which it nearly always is.
        try? SmallFile.write("\(before)", to: control, before: .present)
        return ReclaimedMemory(before: before, after: try bytes(usage))
    }

    private var reclaimFiles: (usage: String, control: String) {
        switch layout {
        case .v1(let directories):
            let memory = directories["memory"] ?? ""
            return ("\(memory)/memory.usage_in_bytes", "\(memory)/memory.force_empty")
        case .v2(let directory): return ("\(directory)/memory.current", "\(directory)/memory.reclaim")
        }
    }

    private func bytes(_ path: String) throws(ContainersError) -> UInt64 {
        guard let text = SmallFile.read(path), let number = UInt64(text.filter(\.isNumber)) else {
            throw ContainersError(.notFound, "there is no number in \(path)")
        }
        return number
    }
}

/// Takes memory back from tasks, one after the other, on a thread that may block.
public actor MemoryReclaimer {
    private let queue = QueueExecutor(label: "memory-reclaim")

    /// The queue that may block.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { queue.asUnownedSerialExecutor() }

    /// Makes a reclaimer.
    public init() {}

    /// See ``Cgroup/reclaimMemory()``.
    public func reclaim(_ cgroup: Cgroup) throws(ContainersError) -> ReclaimedMemory? {
        try cgroup.reclaimMemory()
    }
}
