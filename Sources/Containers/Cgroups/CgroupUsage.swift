/// What a task uses and may use.
public struct CgroupUsage: Sendable, Equatable {
    /// Memory in use, without file pages that can be dropped, in bytes.
    public let memoryBytes: UInt64
    /// The memory limit in bytes, or nil without one.
    public let memoryLimitBytes: UInt64?
    /// CPU time used since the start, in nanoseconds.
    public let cpuNanoseconds: UInt64
    /// How many processes and threads there are.
    public let processes: UInt64
    /// How many processes the kernel has killed because the memory limit was reached.
    public let outOfMemoryKills: UInt64
}

extension Cgroup {
    /// Version 1 has no word for "no limit": it shows the largest number of pages. Nobody's limit is above this.
    private static let unlimited: UInt64 = 1 << 60

    /// Reads the counters.
    ///
    /// - Throws: `notFound` when the cgroup is gone, as it is after the task has ended.
    public func usage() throws(ContainersError) -> CgroupUsage {
        switch layout {
        case .v1(let directories): try usage(directories)
        case .v2(let directory): try usage(directory)
        }
    }

    /// How many processes the kernel has killed because the memory limit was reached; also when none is left.
    public var outOfMemoryKills: UInt64 {
        switch layout {
        case .v1(let directories): table("\(directories["memory"] ?? "")/memory.oom_control")["oom_kill"] ?? 0
        case .v2(let directory): table("\(directory)/memory.events")["oom_kill"] ?? 0
        }
    }

    private func usage(_ directories: [String: String]) throws(ContainersError) -> CgroupUsage {
        let memory = directories["memory"] ?? ""
        let used = try number("\(memory)/memory.usage_in_bytes")
        let inactive = table("\(memory)/memory.stat")["total_inactive_file"] ?? 0
        let limit = try number("\(memory)/memory.limit_in_bytes")
        return CgroupUsage(
            memoryBytes: used > inactive ? used - inactive : 0,
            memoryLimitBytes: limit < Self.unlimited ? limit : nil,
            cpuNanoseconds: try number("\(directories["cpuacct"] ?? "")/cpuacct.usage"),
            processes: try number("\(directories["pids"] ?? "")/pids.current"),
            outOfMemoryKills: outOfMemoryKills)
    }

    private func usage(_ directory: String) throws(ContainersError) -> CgroupUsage {
        let used = try number("\(directory)/memory.current")
        let inactive = table("\(directory)/memory.stat")["inactive_file"] ?? 0
        return CgroupUsage(
            memoryBytes: used > inactive ? used - inactive : 0,
            memoryLimitBytes: SmallFile.read("\(directory)/memory.max").flatMap(Self.number),
            cpuNanoseconds: (table("\(directory)/cpu.stat")["usage_usec"] ?? 0) * 1000,
            processes: try number("\(directory)/pids.current"),
            outOfMemoryKills: outOfMemoryKills)
    }

    private func number(_ path: String) throws(ContainersError) -> UInt64 {
        guard let number = SmallFile.read(path).flatMap(Self.number) else {
            throw ContainersError(.notFound, "there is no number in \(path)")
        }
        return number
    }

    /// Lines `KEY NUMBER`.
    private func table(_ path: String) -> [Substring: UInt64] {
        guard let text = SmallFile.read(path) else { return [:] }
        let pairs = text.split(separator: "\n").compactMap { line -> (Substring, UInt64)? in
            let parts = line.split(separator: " ")
            return parts.count == 2 ? UInt64(parts[1]).map { (parts[0], $0) } : nil
        }
        return Dictionary(pairs) { first, _ in first }
    }

    private static func number(_ text: String) -> UInt64? {
        text.split(whereSeparator: \.isWhitespace).first.flatMap { UInt64($0) }
    }
}
