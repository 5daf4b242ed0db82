/// What a function says about its runs by the clock.
///
/// `topic` and `schedule` are those of OpenFaaS's cron-connector; so is the zone that may stand before the schedule
/// (`CRON_TZ=Europe/Berlin 0 9 * * *`). The keys that begin with `com.openfaas.cron.` are faasd's own.
public struct CronSettings: Sendable, Equatable {
    /// What becomes of runs whose time passed while the daemon was down or the machine slept.
    public enum MissedPolicy: String, Sendable, CaseIterable {
        /// They are left out.
        case skip
        /// The last of them is made up for.
        case once
        /// Each of them is, up to a hundred.
        case all
    }

    /// What becomes of a run whose predecessor has not ended.
    public enum OverlapPolicy: String, Sendable, CaseIterable {
        /// It is made all the same.
        case allow
        /// It is left out.
        case skip
        /// It waits for its predecessor.
        case queue
    }

    /// When it runs (`schedule`).
    public let schedule: CronSchedule
    /// The schedule as it was written.
    public let text: String
    /// The name of the time zone by which the schedule is read (`com.openfaas.cron.timezone`).
    public let zone: String
    /// `com.openfaas.cron.missed`.
    public var missed = MissedPolicy.once
    /// Runs that were missed longer ago than this are not made up for (`com.openfaas.cron.missed-within`).
    public var missedWithin = Duration.seconds(24 * 3600)
    /// `com.openfaas.cron.overlap`.
    public var overlap = OverlapPolicy.allow
    /// What the function is sent (`com.openfaas.cron.body`).
    public var body = ""
    /// What that is (`com.openfaas.cron.content-type`).
    public var contentType = Self.plainText

    /// The topic that stands for the clock.
    public static let topic = "cron-function"
    /// The zone of a function that names none. A container of the cron-connector has no other.
    public static let defaultZone = "UTC"
    /// What OpenFaaS's connectors say of a body.
    public static let plainText = "text/plain"

    static let scheduleKey = "schedule"
    static let zoneKey = "com.openfaas.cron.timezone"
    static let missedKey = "com.openfaas.cron.missed"
    static let missedWithinKey = "com.openfaas.cron.missed-within"
    static let overlapKey = "com.openfaas.cron.overlap"
    static let bodyKey = "com.openfaas.cron.body"
    static let contentTypeKey = "com.openfaas.cron.content-type"

    private static let maximumBody = 65_536

    /// Makes settings with the defaults above.
    public init(_ schedule: CronSchedule, text: String, zone: String = Self.defaultZone) {
        self.schedule = schedule
        self.text = text
        self.zone = zone
    }

    /// Reads annotations.
    ///
    /// - Parameters:
    ///   - reader: remembers the first key that breaks its rule.
    ///   - isZone: tells whether there is a time zone of a name.
    /// - Returns: `nil` when there is no schedule, or none that can be read.
    init?(_ reader: inout SettingReader, isZone: (String) -> Bool) {
        let zone = reader.value(Self.zoneKey, "the name of a time zone such as Europe/Berlin") { text in
            Self.isZone(text, isZone) ? text : nil
        }
        guard let text = reader.values[Self.scheduleKey] else {
            reader.report("\(Self.scheduleKey) is missing, which the topic \(Self.topic) needs")
            return nil
        }
        let (rest, prefix) = Self.splitZone(text)
        guard prefix.map({ Self.isZone($0, isZone) }) != false else {
            reader.report("\(Self.scheduleKey) names the time zone \"\(prefix?.prefix(80) ?? "")\", which is not known")
            return nil
        }
        do {
            self.init(try CronSchedule(rest), text: text, zone: zone ?? prefix ?? Self.defaultZone)
        } catch {
            reader.report("\(Self.scheduleKey) \"\(text.prefix(80))\" cannot be kept: \(error)")
            return nil
        }
        readPolicies(&reader)
    }

    private mutating func readPolicies(_ reader: inout SettingReader) {
        missed = reader.value(Self.missedKey, "skip, once or all", MissedPolicy.init(rawValue:)) ?? missed
        missedWithin = reader.time(Self.missedWithinKey, such: "24h") ?? missedWithin
        overlap = reader.value(Self.overlapKey, "allow, skip or queue", OverlapPolicy.init(rawValue:)) ?? overlap
        body =
            reader.value(Self.bodyKey, "at most \(Self.maximumBody) bytes") {
                $0.utf8.count <= Self.maximumBody ? $0 : nil
            } ?? body
        contentType =
            reader.value(Self.contentTypeKey, "1 to 255 visible characters, such as application/json") { text in
                (1...255).contains(text.utf8.count) && text.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) ? text : nil
            } ?? contentType
    }

    /// Takes `CRON_TZ=ZONE ` or `TZ=ZONE ` off a schedule, as the cron-connector's own reader does.
    private static func splitZone(_ text: String) -> (schedule: Substring, zone: String?) {
        for prefix in ["CRON_TZ=", "TZ="] where text.hasPrefix(prefix) {
            let rest = text.dropFirst(prefix.count)
            let zone = rest.prefix { $0 != " " && $0 != "\t" }
            return (rest[zone.endIndex...], String(zone))
        }
        return (text[...], nil)
    }

    /// Only what can be a name is looked up.
    private static func isZone(_ text: String, _ isZone: (String) -> Bool) -> Bool {
        text == defaultZone
            || ((1...64).contains(text.utf8.count) && !text.contains("..") && text.first != "/"
                && text.utf8.allSatisfy { byte in
                    switch byte {
                    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"), UInt8(ascii: "_"),
                        UInt8(ascii: "+"), UInt8(ascii: "-"):
                        true
                    default: false
                    }
                } && isZone(text))
    }
}
