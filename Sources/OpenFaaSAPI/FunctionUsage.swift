/// What all replicas of a function use together (faas-provider `types/function_status.go`).
public struct FunctionUsage: Codable, Equatable, Sendable {
    /// CPU time, in thousandths of a core.
    public var cpu: Double
    /// Memory without file pages that can be dropped, in bytes.
    public var totalMemoryBytes: Double

    /// Makes a value.
    public init(cpu: Double, totalMemoryBytes: Double) {
        self.cpu = cpu
        self.totalMemoryBytes = totalMemoryBytes
    }

    /// Decodes the object; Go leaves out what is zero.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        cpu = try values.decodeIfPresent(Double.self, forKey: .cpu) ?? 0
        totalMemoryBytes = try values.decodeIfPresent(Double.self, forKey: .totalMemoryBytes) ?? 0
    }
}
