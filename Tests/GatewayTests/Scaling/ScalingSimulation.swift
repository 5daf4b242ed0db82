import OpenFaaSAPI

@testable import Gateway

/// A function under a load, in seconds that cost nothing: replicas come some time after they were asked for, and each
/// answers so many calls a second.
struct ScalingSimulation {
    /// What a second looked like at its end.
    struct Second: Equatable {
        var wanted: Int
        var available: Int
        var inFlight: Int
    }

    var policy: ScalingPolicy
    /// How long a replica takes to come.
    var startTime = 2
    /// How many calls a replica answers in a second.
    var rate = 100.0
    /// How long one call takes.
    var callSeconds = 0.1
    /// Whether its replicas do not stay up.
    var isFailing = false
    private(set) var history: [Second] = []
    private(set) var decisions: [(second: Int, decision: ScalingPolicy.Decision)] = []

    private var wanted = 1
    private var coming: [Int] = []
    private var available = 1
    private var started = 0.0
    private var backlog = 0.0
    private var cpu = 0.0
    private var second = 0

    init(_ settings: ScaleSettings, stableWindow: Duration = .seconds(60)) {
        policy = ScalingPolicy(settings: settings, stableWindow: stableWindow)
    }

    /// How often the number was changed.
    var changes: Int { decisions.count }

    /// Goes on for one second with so many calls.
    mutating func step(calls: Double, floor: Int = 0) {
        second += 1
        available += coming.filter { $0 <= second }.count
        coming.removeAll { $0 <= second }
        available = min(available, wanted)
        started += calls
        backlog += calls
        let answered = min(backlog, Double(available) * rate)
        backlog -= answered
        cpu += answered / rate
        // What is left over waits; of what was answered a part is under way at any moment.
        let inFlight = Int((backlog + answered * callSeconds).rounded())
        let sample = LoadSample(
            time: .seconds(second), started: UInt64(started), inFlight: inFlight, cpuSeconds: ["all": cpu])
        let decision = policy.decide(
            sample,
            replicas: ScalingPolicy.Replicas(wanted: wanted, available: available, isFailing: isFailing), floor: floor)
        apply(decision)
        history.append(Second(wanted: wanted, available: available, inFlight: inFlight))
    }

    /// Somebody sets the number; the replicas are there at once.
    mutating func scaleByHand(to count: Int) {
        wanted = count
        available = count
        coming = []
    }

    private mutating func apply(_ decision: ScalingPolicy.Decision) {
        switch decision {
        case .keep: return
        case .scale(let count, _):
            if count > wanted { coming += Array(repeating: second + startTime, count: count - wanted) }
            wanted = count
        case .rest: wanted = 0
        }
        if wanted < available + coming.count { coming.removeLast(min(coming.count, available + coming.count - wanted)) }
        available = min(available, wanted)
        decisions.append((second, decision))
    }

    /// A call comes to a function that rests.
    mutating func wake() {
        wanted = policy.settings.minimum
        available = wanted
    }
}
