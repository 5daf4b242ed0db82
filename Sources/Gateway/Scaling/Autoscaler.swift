import Logging
import OpenFaaSAPI
import Provider
import Proxy
import Synchronization

/// Looks at the calls of functions that ask for it, and has the provider change the number of their replicas.
///
/// A function asks for it by its labels (``ScaleSettings``). While none does, a look costs one comparison, and one in
/// ten seconds a reading of the list of functions.
actor Autoscaler {
    /// What `/metrics` shows of a function that follows its load.
    struct Load: Sendable {
        let name: FunctionName
        let settings: ScaleSettings
        let load: Double?
    }

    /// A number of replicas that a function is to have.
    private struct Change {
        let name: FunctionName
        let deployment: ElasticFunction.Deployment
        let from: Int
        let to: Int
        let reason: String
    }

    /// How long what functions say may be out of date where nobody tells of a change.
    private static let lifetime = Duration.seconds(10)
    /// How long after a failure it is tried again, so that the log of a full disk stays readable.
    private static let retryPause = Duration.seconds(10)
    /// How many samples of calls at once are taken for a look: most calls are shorter than the time between two looks.
    private static let samplesPerLook = 5

    nonisolated let floors = AlertFloors()
    private let provider: any FunctionProvider
    private let publisher: RoutePublisher
    private let configuration: ScalingConfiguration
    private let logger: Logger
    private let start = ContinuousClock.now
    private var functions: [FunctionName: ElasticFunction] = [:]
    private var generation: UInt64 = 0
    private var learntAt: Duration?
    /// Whose number was changed while a list was read, which may not tell of it.
    private var changedMeanwhile: Set<FunctionName> = []
    private nonisolated let loads = Mutex<[Load]>([])

    init(
        provider: any FunctionProvider, publisher: RoutePublisher, configuration: ScalingConfiguration, logger: Logger
    ) {
        self.provider = provider
        self.publisher = publisher
        self.configuration = configuration
        self.logger = logger
    }

    /// Functions that follow their load, by name.
    nonisolated var current: [Load] { loads.withLock { $0 } }

    /// Whether the number of replicas of such a function follows its load here.
    nonisolated func follows(_ settings: ScaleSettings) -> Bool { configuration.followsLoad && settings.followsLoad }

    private var now: Duration { start.duration(to: .now) }

    /// Looks at regular times until the task is cancelled.
    func run() async {
        await withDiscardingTaskGroup { group in
            while !Task.isCancelled {
                // One function may be kept by a deployment of its own; the others do not wait for it.
                for change in await look() { group.addTask { await self.carryOut(change) } }
                await pauseAndObserve()
            }
        }
    }

    /// Waits until the next look. In between it samples how many calls are under way, where that is what counts.
    private func pauseAndObserve() async {
        let isObserving = functions.values.contains { $0.isMeasured(by: .capacity) }
        let parts = isObserving ? Self.samplesPerLook : 1
        for part in 1...parts {
            // Cut short by cancellation only, which the loops see.
            try? await Task.sleep(for: configuration.interval / parts)
            guard part < parts, !Task.isCancelled else { return }
            let names = Set(functions.filter { $0.value.isMeasured(by: .capacity) }.keys)
            let samples = await samples(of: names, usage: nil)
            for (name, sample) in samples { functions[name]?.policy.observe(sample) }
        }
    }

    private func look() async -> [Change] {
        // Before the provider has told of its functions there is nothing to scale.
        guard publisher.generation > 0 else { return [] }
        await learn()
        guard !functions.isEmpty else {
            loads.withLock { $0 = [] }
            return []
        }
        let usage = await cpuSeconds()
        let samples = await samples(of: Set(functions.keys), usage: usage)
        let changes = samples.compactMap { name, sample in change(of: name, sample) }
        showLoads()
        return changes
    }

    private func change(of name: FunctionName, _ sample: LoadSample) -> Change? {
        guard var function = functions[name] else { return nil }
        defer { functions[name] = function }
        guard !function.isBeingScaled else {
            function.policy.observe(sample)
            return nil
        }
        let decision = function.policy.decide(sample, replicas: function.replicas, floor: floors.replicas(of: name))
        guard sample.time >= function.retryAt, let (count, reason) = Self.explained(decision, function) else {
            return nil
        }
        function.isBeingScaled = true
        return Change(
            name: name, deployment: function.deployment, from: function.replicas.wanted, to: count, reason: reason)
    }

    private func carryOut(_ change: Change) async {
        var failed = false
        do {
            try await provider.scale(change.name, to: UInt64(change.to))
            logger.info(
                "scaling",
                metadata: [
                    "function": "\(change.name)", "from": "\(change.from)", "to": "\(change.to)",
                    "reason": "\(change.reason)",
                ])
        } catch {
            failed = true
            logger.warning("could not scale", metadata: ["function": "\(change.name)", "error": "\(error)"])
        }
        learntAt = nil
        changedMeanwhile.insert(change.name)
        guard var function = functions[change.name], function.deployment == change.deployment else { return }
        function.isBeingScaled = false
        // Until the provider tells, so that nothing is asked for twice.
        if failed { function.retryAt = now + Self.retryPause } else { function.replicas.wanted = change.to }
        functions[change.name] = function
    }

    // MARK: What there is

    /// Learns what functions there are and what they say, when something about functions has changed.
    private func learn() async {
        let generation = publisher.generation
        if self.generation == generation, let learntAt, now - learntAt < Self.lifetime { return }
        // Both are set before the question, so that a change while it is asked is not missed.
        learntAt = now
        changedMeanwhile = []
        do {
            adopt(try await FunctionList(provider: provider, publisher: publisher).read())
            self.generation = generation
        } catch {
            logger.debug("the autoscaler goes by what it knew", metadata: ["error": "\(error)"])
        }
    }

    private func adopt(_ statuses: [(name: FunctionName, status: FunctionStatus)]) {
        functions = statuses.reduce(into: [:]) { found, entry in
            let (name, status) = entry
            let known = functions[name]
            guard
                var function = ElasticFunction(
                    status, known: known, followsLoad: configuration.followsLoad, configuration: configuration)
            else { return }
            if changedMeanwhile.contains(name), let known, known.deployment == function.deployment {
                function.replicas.wanted = known.replicas.wanted
            }
            found[name] = function
        }
        floors.keep(only: Set(statuses.map(\.name)))
    }

    private func samples(of names: Set<FunctionName>, usage: [FunctionName: [String: Double]]?) async
        -> [(FunctionName, LoadSample)]
    {
        let counters = Dictionary(
            await publisher.counters(of: names).map { ($0.name, $0) }, uniquingKeysWith: { $0.adding($1) })
        let time = now
        return names.map { name in
            let calls = counters[name]
            return (
                name,
                LoadSample(
                    time: time, started: calls?.started ?? 0, inFlight: calls?.inFlight ?? 0,
                    cpuSeconds: usage?[name])
            )
        }
    }

    /// CPU time by function and replica, where a function goes by it.
    private func cpuSeconds() async -> [FunctionName: [String: Double]]? {
        guard functions.values.contains(where: { $0.isMeasured(by: .cpu) }) else { return nil }
        return Dictionary(grouping: await provider.replicaUsage(), by: \.function).mapValues { usages in
            Dictionary(usages.map { ($0.replica, $0.cpuSeconds) }, uniquingKeysWith: { $1 })
        }
    }

    // MARK: What is said of it

    private func showLoads() {
        let current = functions.filter { $0.value.policy.settings.followsLoad }
            .map { Load(name: $0.key, settings: $0.value.policy.settings, load: $0.value.policy.load) }
            .sorted { "\($0.name)" < "\($1.name)" }
        loads.withLock { $0 = current }
    }

    private static func explained(_ decision: ScalingPolicy.Decision, _ function: ElasticFunction) -> (Int, String)? {
        switch decision {
        case .keep: nil
        case .rest(let idle): (0, "not called for \(idle.components.seconds) s")
        case .scale(let count, let load):
            (
                count,
                "\(rounded(load)) \(unit(function.policy.settings.kind)), "
                    + "\(rounded(function.policy.settings.target)) a replica"
            )
        }
    }

    private static func rounded(_ number: Double) -> String { "\((number * 10).rounded() / 10)" }

    private static func unit(_ kind: ScaleSettings.Kind) -> String {
        switch kind {
        case .rps: "calls a second"
        case .capacity: "calls at once"
        case .cpu: "thousandths of a core"
        }
    }
}
