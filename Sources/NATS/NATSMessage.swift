/// The fields of a message's head, in the order sent.
public struct NATSHeaders: Sendable, Equatable, ExpressibleByDictionaryLiteral {
    /// The fields.
    public private(set) var fields: [(name: String, value: String)] = []

    /// None.
    public init() {}

    /// Fields in the order given.
    public init(dictionaryLiteral elements: (String, String)...) {
        fields = elements.map { (name: $0.0, value: $0.1) }
    }

    /// The first value of a name, whose letters' case counts, as it does for NATS; `nil` where there is none.
    public subscript(name: String) -> String? {
        fields.first { $0.name == name }?.value
    }

    /// Adds a field.
    public mutating func add(_ name: String, _ value: String) {
        fields.append((name: name, value: value))
    }

    /// Whether both have the same fields in the same order.
    public static func == (left: NATSHeaders, right: NATSHeaders) -> Bool {
        left.fields.elementsEqual(right.fields) { $0.name == $1.name && $0.value == $1.value }
    }
}

/// What a subscriber gets.
public struct NATSMessage: Sendable, Equatable {
    /// The subject it was sent to, free of wildcards.
    public let subject: String
    /// Where an answer is waited for, if anywhere.
    public let reply: String?
    /// Its fields.
    public let headers: NATSHeaders
    /// What the server says of itself in place of a payload, such as 404 (docs "JetStream": 1xx, 4xx and 503).
    public let status: Int?
    /// The bytes.
    public let payload: [UInt8]

    /// Makes a message.
    public init(
        subject: String, reply: String? = nil, headers: NATSHeaders = [:], status: Int? = nil, payload: [UInt8] = []
    ) {
        self.subject = subject
        self.reply = reply
        self.headers = headers
        self.status = status
        self.payload = payload
    }
}
