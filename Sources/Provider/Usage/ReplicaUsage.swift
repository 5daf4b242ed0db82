public import OpenFaaSAPI

/// What one replica has used, from its control group.
public struct ReplicaUsage: Sendable, Equatable {
    /// The function.
    public let function: FunctionName
    /// The replica's id, which is also its container's.
    public let replica: String
    /// CPU time since the replica's start, in seconds.
    public let cpuSeconds: Double
    /// Memory without file pages that can be dropped, in bytes.
    public let memoryBytes: UInt64
    /// The most memory that it may use, in bytes; `nil` without a limit.
    public let memoryLimitBytes: UInt64?
    /// How many of its processes the kernel has killed because that limit was reached.
    public let outOfMemoryKills: UInt64
}
