import Logging
import OpenFaaSAPI
import Queue

/// What a gateway with triggers has more than one without.
struct TriggerParts: Sendable {
    let desk: TriggerDesk
    private let catalog: TriggerCatalog

    init(
        _ configuration: TriggerConfiguration, bodyBytes: Int, queue: CallQueue, provider: any FunctionProvider,
        publisher: RoutePublisher, logger: Logger
    ) {
        let wake: @Sendable (FunctionName) async -> Void = { name in
            // One that runs is left alone, so that it may go to rest when it would have.
            guard let status = try? await provider.status(of: name, usage: false), status.availableReplicas == 0 else {
                return
            }
            provider.wake(name)
        }
        var sources: [any EventSource] = [
            CronSource(memory: configuration.memory, prewake: configuration.prewake, wake: wake, logger: logger)
        ]
        if let root = configuration.dropFolder {
            sources.append(
                DropSource(root: root, maximumBytes: bodyBytes, keep: configuration.dropKeep, logger: logger))
        }
        desk = TriggerDesk(queue: queue, sources: sources + configuration.sources, logger: logger)
        catalog = TriggerCatalog(provider: provider, publisher: publisher, desk: desk, logger: logger)
    }

    /// Follows the functions, and makes calls of events until its task is cancelled.
    func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await catalog.run() }
            group.addTask { await desk.run() }
        }
    }
}
