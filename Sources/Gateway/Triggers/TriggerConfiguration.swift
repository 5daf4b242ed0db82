public import Queue

/// What calls functions of a gateway besides HTTP.
public struct TriggerConfiguration: Sendable {
    /// Remembers the schedules.
    public let memory: CronMemory
    /// How long before its run by the clock a function is made ready; zero for not at all.
    public var prewake = Duration.seconds(1)
    /// The folder whose folders files are taken from; `nil` for none.
    public var dropFolder: String?
    /// How long such a file is kept aside after it has become a call; zero for not at all.
    public var dropKeep = Duration.seconds(24 * 3600)
    /// Where events come from besides.
    public var sources: [any EventSource] = []

    /// The defaults above.
    public init(memory: CronMemory) {
        self.memory = memory
    }
}
