import Logging
import OpenFaaSAPI
import Queue

/// Follows which functions have topics, wherever they run.
struct TriggerCatalog: Sendable {
    /// How soon a change is seen.
    private static let pause = Duration.milliseconds(500)
    /// A provider that is elsewhere does not tell of changed annotations.
    private static let refresh = Duration.seconds(5)

    let provider: any FunctionProvider
    let publisher: RoutePublisher
    let desk: TriggerDesk
    let logger: Logger

    /// Tells the desk until its task is cancelled. What was told holds while the provider cannot be asked.
    func run() async {
        var seen: UInt64 = 0
        var readAt = ContinuousClock.now
        while !Task.isCancelled {
            let generation = publisher.generation
            // Until the provider has told once, it is not known which functions there are.
            if generation > 0, generation != seen || readAt.duration(to: .now) > Self.refresh {
                do {
                    let functions = try await FunctionList(provider: provider, publisher: publisher).read()
                    desk.adopt(functions.compactMap { Self.subscription($0.status) })
                    seen = generation
                } catch {
                    logger.debug("the functions' topics are not known yet", metadata: ["error": "\(error)"])
                }
                readAt = .now
            }
            // Cut short by cancellation only, which the loop sees.
            try? await Task.sleep(for: Self.pause)
        }
    }

    /// - Returns: `nil` for a function that only HTTP calls.
    static func subscription(_ status: FunctionStatus) -> TriggerSubscription? {
        let settings = TriggerSettings(annotations: status.annotations, isZone: TimeZones.isKnown)
        let problem = TriggerSettings.problem(in: status.annotations, isZone: TimeZones.isKnown)
        guard settings != TriggerSettings() || problem != nil,
            let name = try? FunctionName(status.name, namespace: status.namespace)
        else { return nil }
        return TriggerSubscription(
            function: name, identity: status.createdAt,
            queue: AsyncSettings(annotations: status.annotations, labels: status.labels).queue, settings: settings,
            problem: problem)
    }
}
