import Logging
import OpenFaaSAPI
import Provider
import Proxy
import Synchronization

/// Looks at the calls of functions that ask for it, and has the provider change the number of their replicas.
///
/// A function asks for it by its labels (``ScaleSettings``). While none does, a look costs one comparison.
final class Autoscaler: Sendable {
    /// What `/metrics` shows of a function that follows its load.
    struct Load: Sendable {
        let name: FunctionName
        let settings: ScaleSettings
        let load: Double?
    }

    /// One function that asks for it.
    private struct Member {
        var policy: ScalingPolicy
        var replicas: ScalingPolicy.Replicas
    }

    private struct State {
        var generation: UInt64 = 0
        var learnt: Duration?
        var members: [FunctionName: Member] = [:]
    }

    /// How long what functions say may be out of date where nobody tells of a change.
    private static let lifetime = Duration.seconds(10)

    let floors = AlertFloors()
    private let provider: any FunctionProvider
    private let publisher: RoutePublisher
    private let configuration: ScalingConfiguration
    private let logger: Logger
    private let loads = Mutex<[Load]>([])

    init(
        provider: any FunctionProvider, publisher: RoutePublisher, configuration: ScalingConfiguration, logger: Logger
    ) {
        self.provider = provider
        self.publisher = publisher
        self.configuration = configuration
        self.logger = logger
    }

    /// Functions that follow their load, by name.
    var current: [Load] { loads.withLock { $0 } }

    /// Whether the number of replicas of such a function follows its load here.
    func follows(_ settings: ScaleSettings) -> Bool { configuration.followsLoad && settings.followsLoad }

    /// Looks at regular times until the task is cancelled.
    func run() async {
        let start = ContinuousClock.now
        var state = State()
        while !Task.isCancelled {
            await look(start.duration(to: .now), &state)
            // Cut short by cancellation only, which the loop sees.
            try? await Task.sleep(for: configuration.interval)
        }
    }

    private func look(_ now: Duration, _ state: inout State) async {
        // Before the provider has told of its functions there is nothing to scale.
        guard publisher.generation > 0 else { return }
        await learn(now, &state)
        guard !state.members.isEmpty else { return }
        let counters = Dictionary(await publisher.counters().map { ($0.name, $0) }, uniquingKeysWith: { $0.adding($1) })
        let usage = await cpuSeconds(state)
        for (name, var member) in state.members {
            let calls = counters[name]
            let sample = LoadSample(
                time: now, started: calls?.started ?? 0, inFlight: calls?.inFlight ?? 0, cpuSeconds: usage?[name])
            let decision = member.policy.decide(sample, replicas: member.replicas, floor: floors[name])
            if await apply(decision, to: name, member) {
                // Until the provider tells, so that nothing is asked for twice.
                if case .scale(let count, _) = decision { member.replicas.wanted = count }
                if case .rest = decision { member.replicas.wanted = 0 }
                state.learnt = nil
            }
            state.members[name] = member
        }
        publish(state)
    }

    /// - Returns: whether the number was changed.
    private func apply(_ decision: ScalingPolicy.Decision, to name: FunctionName, _ member: Member) async -> Bool {
        let count: Int
        let reason: String
        switch decision {
        case .keep: return false
        case .scale(let replicas, let load):
            let settings = member.policy.settings
            count = replicas
            reason = "\(Self.rounded(load)) \(Self.unit(settings.kind)), \(Self.rounded(settings.target)) a replica"
        case .rest(let idle):
            count = 0
            reason = "not called for \(idle.components.seconds) s"
        }
        do {
            try await provider.scale(name, to: UInt64(count))
            logger.info(
                "scaling",
                metadata: [
                    "function": "\(name)", "from": "\(member.replicas.wanted)", "to": "\(count)", "reason": "\(reason)",
                ])
            return true
        } catch {
            logger.warning("could not scale", metadata: ["function": "\(name)", "error": "\(error)"])
            return false
        }
    }

    /// Learns what functions there are and what they say, when something about functions has changed.
    private func learn(_ now: Duration, _ state: inout State) async {
        let generation = publisher.generation
        if state.generation == generation, let learnt = state.learnt, now - learnt < Self.lifetime { return }
        do {
            var members: [FunctionName: Member] = [:]
            var names: Set<FunctionName> = []
            for namespace in try await provider.namespaces() {
                for status in try await provider.list(namespace: namespace, usage: false) {
                    guard let name = try? FunctionName(status.name, namespace: status.namespace) else { continue }
                    names.insert(name)
                    members[name] = member(status, known: state.members[name])
                }
            }
            floors.keep(only: names)
            state = State(generation: generation, learnt: now, members: members)
        } catch {
            logger.debug("the autoscaler goes by what it knew", metadata: ["error": "\(error)"])
        }
    }

    private func member(_ status: FunctionStatus, known: Member?) -> Member? {
        var settings = ScaleSettings(labels: status.labels)
        settings.followsLoad = follows(settings)
        guard settings.followsLoad || settings.zero else { return nil }
        let replicas = ScalingPolicy.Replicas(
            wanted: Int(clamping: status.replicas), available: Int(clamping: status.availableReplicas))
        guard var known, known.policy.settings == settings else {
            return Member(
                policy: ScalingPolicy(settings: settings, stableWindow: configuration.stableWindow),
                replicas: replicas)
        }
        known.replicas = replicas
        return known
    }

    /// CPU time by function and replica, where a function goes by it.
    private func cpuSeconds(_ state: State) async -> [FunctionName: [String: Double]]? {
        let isAsked = state.members.values.contains { member in
            member.policy.settings.followsLoad && member.policy.settings.kind == .cpu && member.replicas.wanted > 0
        }
        guard isAsked else { return nil }
        return Dictionary(grouping: await provider.replicaUsage(), by: \.function).mapValues { usages in
            Dictionary(usages.map { ($0.replica, $0.cpuSeconds) }, uniquingKeysWith: { $1 })
        }
    }

    private func publish(_ state: State) {
        let current = state.members.filter { $0.value.policy.settings.followsLoad }
            .map { Load(name: $0.key, settings: $0.value.policy.settings, load: $0.value.policy.load) }
            .sorted { "\($0.name)" < "\($1.name)" }
        loads.withLock { $0 = current }
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
