/// One line of a function's output, as `/system/logs` streams it (faas-provider `logs/logs.go`).
public struct LogMessage: Codable, Equatable, Sendable {
    /// The function's name.
    public var name: String
    /// The function's namespace.
    public var namespace: String
    /// The replica that wrote it.
    public var instance: String
    /// When it was written, RFC 3339 in UTC.
    public var timestamp: String
    /// The line without its end.
    public var text: String

    /// Makes a message.
    public init(name: String, namespace: String, instance: String, timestamp: String, text: String) {
        self.name = name
        self.namespace = namespace
        self.instance = instance
        self.timestamp = timestamp
        self.text = text
    }
}
