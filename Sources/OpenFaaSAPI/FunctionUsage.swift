/// What all replicas of a function use together (faas-provider `types/function_status.go`).
public struct FunctionUsage: Codable, Equatable, Sendable {
    /// CPU time, in thousandths of a core.
    public var cpu: Double
    /// Memory without file pages that can be dropped, in bytes.
    public var totalMemoryBytes: Double

    /// How many of the replicas' processes the kernel has killed because the memory limit was reached; absent for none.
    public var outOfMemoryKills: UInt64?

    /// Makes a value.
    public init(cpu: Double, totalMemoryBytes: Double, outOfMemoryKills: UInt64? = nil) {
        self.cpu = cpu
        self.totalMemoryBytes = totalMemoryBytes
        self.outOfMemoryKills = outOfMemoryKills
    }

    /// Decodes the object; Go leaves out what is zero.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        cpu = try values.decodeIfPresent(Double.self, forKey: .cpu) ?? 0
        totalMemoryBytes = try values.decodeIfPresent(Double.self, forKey: .totalMemoryBytes) ?? 0
        outOfMemoryKills = try values.decodeIfPresent(UInt64.self, forKey: .outOfMemoryKills)
    }
}
