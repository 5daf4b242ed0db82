import OpenFaaSAPI

/// How many replicas one function should have, by what was seen of it. A value, without I/O and without a clock.
///
/// Up at once, and at most to twice as many at a time: the replicas that are asked for must have come before more are, since
/// calls that wait for them look like load. Down only when for a whole stable window fewer would have done, with a margin,
/// so that a load at the border between two numbers changes nothing. A number that somebody else has raised holds for a
/// stable window as well.
struct ScalingPolicy: Sendable {
    enum Decision: Equatable, Sendable {
        case keep
        /// So many, because of that load.
        case scale(to: Int, load: Double)
        /// None, because nobody has called for so long.
        case rest(after: Duration)
    }

    /// What a function has now.
    struct Replicas: Equatable, Sendable {
        var wanted: Int
        var available: Int
        /// They do not stay up. More of the same would not either, however many call.
        var isFailing = false
    }

    /// Fewer replicas must be able to bear so much more than the load.
    static let margin = 1.1
    /// How long replicas that were asked for may take to come before more are asked for nevertheless.
    static let patience = Duration.seconds(30)

    private struct Need {
        let time: Duration
        let replicas: Int
    }

    let settings: ScaleSettings
    let stableWindow: Duration
    private var window = LoadWindow()
    private var needs: [Need] = []
    /// The fewest that would be enough, and since when just so many.
    private var fall: Need?
    /// Whether it had replicas at the last sample.
    private var isAwake = false
    private var lastActive = Duration.zero
    private var lastWanted: Int?
    private var lastUp: Duration?

    init(settings: ScaleSettings, stableWindow: Duration) {
        self.settings = settings
        self.stableWindow = stableWindow
    }

    /// The load as of the last sample, by the function's measure.
    var load: Double? { window.load(settings.kind) }

    /// Takes a sample between two decisions.
    mutating func observe(_ sample: LoadSample) {
        let before = window.samples.last
        window.add(sample)
        if sample.inFlight > 0 || before.map({ $0.started != sample.started }) ?? true { lastActive = sample.time }
    }

    /// Takes a sample, and says what to do.
    ///
    /// - Parameter floor: what an alert that is firing asks for, beside the load.
    mutating func decide(_ sample: LoadSample, replicas: Replicas, floor: Int = 0) -> Decision {
        observe(sample)
        defer { lastWanted = replicas.wanted }
        guard replicas.wanted > 0 else {
            // It wakes by a call. What was seen before it slept says nothing of afterwards.
            isAwake = false
            return .keep
        }
        if !isAwake { begin(sample.time) }
        if let lastWanted, replicas.wanted > lastWanted { needs = [] }
        if settings.zero, sample.time - lastActive >= settings.zeroDuration {
            return .rest(after: sample.time - lastActive)
        }
        return settings.followsLoad ? follow(sample.time, replicas, floor: floor) : .keep
    }

    private mutating func begin(_ time: Duration) {
        isAwake = true
        lastActive = time
        needs = []
        lastUp = nil
    }

    private mutating func follow(_ time: Duration, _ replicas: Replicas, floor: Int) -> Decision {
        guard let load else { return .keep }
        let lowest = max(settings.minimum, min(floor, settings.loadMaximum))
        let needed = max(replicasFor(load), lowest)
        // Without the floor: when an alert is over, the load alone says how long fewer have been enough.
        needs.append(Need(time: time, replicas: replicasFor(load * Self.margin)))
        while let next = needs.dropFirst().first, next.time <= time - stableWindow { needs.removeFirst() }
        if needed > replicas.wanted {
            guard !replicas.isFailing || replicas.wanted < settings.minimum else { return .keep }
            let isComing = replicas.available < replicas.wanted
            if isComing, let lastUp, time - lastUp < Self.patience { return .keep }
            lastUp = time
            return .scale(to: min(needed, replicas.wanted * 2), load: load)
        }
        // Nothing is known of a whole window before there was one.
        guard let first = needs.first, first.time <= time - stableWindow else { return .keep }
        let enough = needs.reduce(lowest) { max($0, $1.replicas) }
        if enough != fall?.replicas { fall = Need(time: time, replicas: enough) }
        guard enough < replicas.wanted, let fall else { return .keep }
        // A load that ends leaves the measure over some seconds; one fall to its end, not a stair of them.
        return enough == lowest || time - fall.time >= LoadWindow.length ? .scale(to: enough, load: load) : .keep
    }

    private func replicasFor(_ load: Double) -> Int {
        // Less than a thousandth of a replica is the noise of a division, such as 90 / (50 * 0.9).
        let replicas = (load / (settings.target * settings.proportion) - 0.001).rounded(.up)
        return Int(max(0, min(replicas, Double(settings.loadMaximum))))
    }
}
