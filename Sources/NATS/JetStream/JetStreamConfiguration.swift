/// A stream (docs "JetStream model: streams").
public struct StreamConfiguration: Sendable, Encodable {
    /// Its name.
    public var name: String
    /// The subjects it keeps.
    public var subjects: [String]
    /// How many messages of a subject it keeps, the newest; -1 for all.
    public var messagesPerSubject = -1
    /// How many servers of a cluster keep it.
    public var replicas = 1
    /// Within so long a second message with the same id is not kept, in nanoseconds.
    public var duplicateWindow: Int64 = 120_000_000_000
    /// Whether every server of a cluster may read messages out of it.
    let allowsDirect = true
    let storage = "file"
    let retention = "limits"
    let discard = "old"

    /// Makes a stream that keeps what comes in files until it is removed.
    public init(name: String, subjects: [String]) {
        self.name = name
        self.subjects = subjects
    }

    enum CodingKeys: String, CodingKey {
        case name, subjects, storage, retention, discard
        case messagesPerSubject = "max_msgs_per_subject"
        case replicas = "num_replicas"
        case duplicateWindow = "duplicate_window"
        case allowsDirect = "allow_direct"
    }
}

/// What a stream holds.
public struct StreamState: Sendable, Decodable {
    /// How many messages.
    public let messages: Int
    /// Their bytes.
    public let bytes: Int
    /// The number of the last one that was ever in it.
    public let lastSequence: UInt64

    enum CodingKeys: String, CodingKey {
        case messages, bytes
        case lastSequence = "last_seq"
    }
}

/// Who reads a stream: a durable one is shared by all that know its name, each message going to one of them.
public struct ConsumerConfiguration: Sendable, Encodable {
    /// The name that it is shared by; `nil` for one of our own.
    public var durableName: String?
    /// Only these messages.
    public var filterSubject: String?
    /// `explicit`, or `none` for a reader of our own.
    var ackPolicy: String
    /// `all`, `by_start_sequence` or `last_per_subject`.
    var deliverPolicy = "all"
    var startSequence: UInt64?
    /// What is not acknowledged within so long is given to another, in nanoseconds.
    public var ackWait: Int64?
    /// Without the payloads.
    var headersOnly: Bool?
    /// The server forgets it when nobody asked for so long, in nanoseconds.
    var inactiveThreshold: Int64?
    /// Messages that wait for another attempt count too, and must not hold up others: no limit.
    var maximumUnacknowledged: Int?

    enum CodingKeys: String, CodingKey {
        case durableName = "durable_name"
        case filterSubject = "filter_subject"
        case ackPolicy = "ack_policy"
        case deliverPolicy = "deliver_policy"
        case startSequence = "opt_start_seq"
        case ackWait = "ack_wait"
        case headersOnly = "headers_only"
        case inactiveThreshold = "inactive_threshold"
        case maximumUnacknowledged = "max_ack_pending"
    }

    /// One whose messages are shared, and given to another when they are not acknowledged in time.
    public static func shared(_ name: String, filter: String? = nil, ackWait: Duration) -> ConsumerConfiguration {
        ConsumerConfiguration(
            durableName: name, filterSubject: filter, ackPolicy: "explicit", ackWait: ackWait.nanoseconds,
            maximumUnacknowledged: -1)
    }

    /// One of our own, that reads everything from a message on.
    public static func reader(from sequence: UInt64, headersOnly: Bool) -> ConsumerConfiguration {
        ConsumerConfiguration(
            ackPolicy: "none", deliverPolicy: sequence > 1 ? "by_start_sequence" : "all",
            startSequence: sequence > 1 ? sequence : nil, headersOnly: headersOnly,
            inactiveThreshold: 60_000_000_000)
    }
}

/// A consumer as it was made.
public struct ConsumerState: Sendable, Decodable {
    /// Its name.
    public let name: String
    /// How many messages it has for us.
    public let pending: Int

    enum CodingKeys: String, CodingKey {
        case name
        case pending = "num_pending"
    }
}

/// That a stream has a message.
public struct PublishAcknowledgement: Sendable, Decodable, Equatable {
    /// Its number in the stream.
    public let sequence: UInt64
    /// Whether its id was known, so that this is the earlier message.
    public let isDuplicate: Bool

    enum CodingKeys: String, CodingKey {
        case sequence = "seq"
        case isDuplicate = "duplicate"
    }

    /// Reads it; `duplicate` is there only when it is true.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        sequence = try container.decode(UInt64.self, forKey: .sequence)
        isDuplicate = try container.decodeIfPresent(Bool.self, forKey: .isDuplicate) ?? false
    }
}

extension Duration {
    var nanoseconds: Int64 { components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000 }
}
