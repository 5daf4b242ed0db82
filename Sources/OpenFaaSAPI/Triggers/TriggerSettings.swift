/// What calls a function besides HTTP, by its annotations.
///
/// `topic` is what OpenFaaS's connectors go by: one topic, or several with commas between. Several kinds can be mixed.
public struct TriggerSettings: Sendable, Equatable {
    /// The topics other than ``CronSettings/topic``, in their order, each once.
    public var topics: [String] = []
    /// Its runs by the clock, where it has such.
    public var cron: CronSettings?

    /// The most topics of a function.
    public static let topicLimit = 64
    /// The longest topic, in bytes: more than any subject that a broker takes.
    public static let topicLength = 255

    private static let topicKey = "topic"

    /// Nothing but HTTP.
    public init() {}

    /// Reads annotations; what breaks its rule counts as not said.
    ///
    /// - Parameter isZone: tells whether there is a time zone of a name.
    public init(annotations: [String: String], isZone: (String) -> Bool) {
        _ = read(annotations, isZone)
    }

    /// The rule that one of a function's annotations breaks, as a sentence; `nil` when all hold.
    ///
    /// - Parameter isZone: tells whether there is a time zone of a name.
    public static func problem(in annotations: [String: String], isZone: (String) -> Bool) -> String? {
        var settings = TriggerSettings()
        return settings.read(annotations, isZone)
    }

    private mutating func read(_ annotations: [String: String], _ isZone: (String) -> Bool) -> String? {
        guard annotations[Self.topicKey] != nil else { return nil }
        var reader = SettingReader(annotations)
        let rule = "at most \(Self.topicLimit) topics of at most \(Self.topicLength) bytes, with commas between"
        let all = reader.value(Self.topicKey, rule, Self.topics) ?? []
        if all.contains(CronSettings.topic) { cron = CronSettings(&reader, isZone: isZone) }
        topics = all.filter { $0 != CronSettings.topic }
        for topic in topics where DropTopic.isMeant(topic) && DropTopic.folder(topic) == nil {
            reader.report("topic \"\(topic.prefix(80))\" must be \(DropTopic.rule)")
        }
        return reader.problem
    }

    private static func topics(_ text: String) -> [String]? {
        var topics: [String] = []
        for part in text.split(separator: ",") {
            let topic = String(part.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
            guard !topic.isEmpty, !topics.contains(topic) else { continue }
            guard topic.utf8.count <= topicLength, !topic.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }),
                topics.count < topicLimit
            else { return nil }
            topics.append(topic)
        }
        return topics
    }
}

/// Topics that are folders: `drop:NAME` is what is put into the folder NAME of the daemon's drop folder.
public enum DropTopic {
    /// What goes before the folder's name.
    public static let prefix = "drop:"

    static let rule = "drop:NAME, where NAME is 1 to 63 letters, digits, '-', '_' or '.', and does not begin with '.'"

    /// Whether a topic claims to be one.
    public static func isMeant(_ topic: String) -> Bool { topic.hasPrefix(prefix) }

    /// The folder's name; `nil` for another topic, and for one that breaks the rule.
    public static func folder(_ topic: String) -> String? {
        guard isMeant(topic) else { return nil }
        let name = String(topic.dropFirst(prefix.count))
        return AsyncSettings.isQueueName(name) && !name.hasPrefix(".") ? name : nil
    }
}
