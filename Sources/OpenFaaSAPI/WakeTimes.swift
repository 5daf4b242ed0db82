/// How long a function last took, from the first call to a replica that takes it, for each way it can rest. In seconds;
/// absent where it was not measured yet. An addition to OpenFaaS's contract.
public struct WakeTimes: Codable, Equatable, Sendable {
    /// Its processes were stopped where they were.
    public var frozen: Double?
    /// The same, and the memory that it can do without had been taken back.
    public var reclaimed: Double?
    /// Its container was there without a process.
    public var stopped: Double?

    /// Nothing was measured yet.
    public init() {}
}
