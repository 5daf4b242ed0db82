import Gateway
import NATS
import Queue

/// The settings of what calls functions besides HTTP.
struct TriggerSettingValues: Sendable {
    /// The longest that a function is made ready before its run: a cold start takes seconds.
    private static let longestPrewake = Duration.seconds(600)

    let cronPrewake: Duration
    let dropFolder: String?
    let dropKeep: Duration
    /// The server whose subjects are topics; `nil` when none are.
    let natsServer: NATSServer?

    init(_ values: SettingValues) throws {
        cronPrewake = try values.duration(.cronPrewake)
        guard cronPrewake <= Self.longestPrewake else { throw SettingError(.cronPrewake, "it must be at most 10m") }
        dropFolder = try values[.dropFolder].map { _ in try values.path(.dropFolder) }
        dropKeep = try values.duration(.dropKeep)
        natsServer = try values.flag(.natsTopics) ? values.natsServer() : nil
    }

    /// What of it the gateway needs.
    func configuration(memory: CronMemory) -> TriggerConfiguration {
        var configuration = TriggerConfiguration(memory: memory)
        configuration.prewake = cronPrewake
        configuration.dropFolder = dropFolder
        configuration.dropKeep = dropKeep
        return configuration
    }
}
