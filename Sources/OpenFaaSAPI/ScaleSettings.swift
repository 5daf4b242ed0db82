/// What a function says in its labels about how many replicas it has, and when.
///
/// The names and the default numbers are OpenFaaS's (docs "autoscaling", "scale to zero"); `stop-duration` and `warm`
/// are faasd's own.
public struct ScaleSettings: Sendable, Equatable {
    /// What is measured, for a replica.
    public enum Kind: String, Sendable, CaseIterable {
        /// Calls answered in a second.
        case rps
        /// Calls under way at once.
        case capacity
        /// Thousandths of a core in use.
        case cpu
    }

    /// The fewest replicas while it is awake (`com.openfaas.scale.min`).
    public var minimum = 1
    /// The most (`com.openfaas.scale.max`), where it names one.
    public var namedMaximum: Int?
    /// What is measured (`com.openfaas.scale.type`).
    public var kind = Kind.rps
    /// How much of it a replica is meant to bear (`com.openfaas.scale.target`).
    public var target = 50.0
    /// Which part of the target is aimed at (`com.openfaas.scale.target-proportion`).
    public var proportion = 0.9
    /// For how long fewer replicas must have been enough before there are fewer (`com.openfaas.scale.down.window`);
    /// `nil` for the daemon's own setting.
    public var downWindow: Duration?
    /// By how much of the maximum an alert scales it up, in percent; 0 for not at all (`com.openfaas.scale.factor`).
    public var factor = 20
    /// Whether it goes to rest when nobody calls it (`com.openfaas.scale.zero`).
    public var zero = false
    /// For how long nobody must have called it (`com.openfaas.scale.zero-duration`).
    public var zeroDuration = Duration.seconds(900)
    /// How long it rests frozen before it is stopped (`com.openfaas.scale.stop-duration`); `nil` for the daemon's own
    /// setting.
    public var stopDuration: Duration?
    /// How many replicas wait frozen, beside those that run, to be there at once (`com.openfaas.scale.warm`).
    public var warm = 0
    /// Whether the number of replicas follows the load: the function names a maximum above its minimum, or a kind or a
    /// target.
    public var followsLoad = false

    /// The most that there may be at all, also by hand.
    public var maximum: Int { namedMaximum ?? Self.replicaLimit }
    /// The most that load brings; OpenFaaS's number where none is named.
    public var loadMaximum: Int { namedMaximum ?? max(20, minimum) }
    /// The most that alerts bring; OpenFaaS's number where none is named.
    public var alertMaximum: Int { namedMaximum ?? max(5, minimum) }

    /// The most replicas of one function: a bridge has 1023 ports, which all functions share.
    public static let replicaLimit = 100

    static let minimumKey = "com.openfaas.scale.min"
    static let maximumKey = "com.openfaas.scale.max"
    static let kindKey = "com.openfaas.scale.type"
    static let targetKey = "com.openfaas.scale.target"
    static let proportionKey = "com.openfaas.scale.target-proportion"
    static let downWindowKey = "com.openfaas.scale.down.window"
    static let factorKey = "com.openfaas.scale.factor"
    static let zeroKey = "com.openfaas.scale.zero"
    static let zeroDurationKey = "com.openfaas.scale.zero-duration"
    static let stopDurationKey = "com.openfaas.scale.stop-duration"
    static let warmKey = "com.openfaas.scale.warm"

    /// The defaults.
    public init() {}

    /// Reads a function's labels; a value that breaks its rule counts as not said.
    public init(labels: [String: String]) {
        _ = read(labels)
    }

    /// The rule that one of a function's labels breaks, as a sentence; `nil` when all hold.
    public static func problem(in labels: [String: String]) -> String? {
        var settings = ScaleSettings()
        return settings.read(labels)
    }

    private mutating func read(_ labels: [String: String]) -> String? {
        var reader = SettingReader(labels)
        namedMaximum = reader.number(Self.maximumKey, 1...Self.replicaLimit)
        minimum = reader.number(Self.minimumKey, 1...Self.replicaLimit) ?? minimum
        factor = reader.number(Self.factorKey, 0...100) ?? factor
        let kind = reader.value(Self.kindKey, "rps, capacity or cpu", Kind.init(rawValue:))
        let target = reader.value(Self.targetKey, "a number above 0, such as 50", Self.positive)
        proportion =
            reader.value(Self.proportionKey, "a number above 0 and not above 1, such as 0.9") { text in
                Self.positive(text).flatMap { $0 <= 1 ? $0 : nil }
            } ?? proportion
        downWindow = reader.value(Self.downWindowKey, "a time up to 5m, such as 2m") { text in
            GoDuration.parse(text).flatMap { $0 <= .seconds(300) ? $0 : nil }
        }
        zero = reader.flag(Self.zeroKey) ?? zero
        zeroDuration = reader.time(Self.zeroDurationKey, such: "15m") ?? zeroDuration
        stopDuration = reader.time(Self.stopDurationKey, such: "1h")
        warm = reader.number(Self.warmKey, 0...Self.replicaLimit) ?? warm
        chooseMeasure(kind: kind, target: target, hasFactor: labels[Self.factorKey] != nil)
        followsLoad = kind != nil || target != nil || namedMaximum.map { $0 > minimum } ?? false
        guard minimum <= maximum else {
            let problem = "\(Self.minimumKey) is \(minimum), more than \(Self.maximumKey), which is \(maximum)"
            namedMaximum = minimum
            return reader.problem ?? problem
        }
        return reader.problem
    }

    /// Where a function names a factor and nothing else, that many calls at once are a replica's share: so is the
    /// factor explained to those who write it.
    private mutating func chooseMeasure(kind: Kind?, target: Double?, hasFactor: Bool) {
        if kind == nil, target == nil, hasFactor, factor > 0 {
            self.kind = .capacity
            self.target = Double(factor)
        } else {
            self.kind = kind ?? self.kind
            self.target = target ?? self.target
        }
    }

    private static func positive(_ text: String) -> Double? {
        Double(text).flatMap { $0 > 0 && $0 <= 1e9 ? $0 : nil }
    }
}
