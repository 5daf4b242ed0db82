/// What `GET /system/logs` asks for (faas-provider `logs/logs.go`).
public struct LogRequest: Equatable, Sendable {
    /// The function.
    public var name: FunctionName
    /// Only this replica; `nil` for all.
    public var instance: String?
    /// Only what was written since then, RFC 3339; `nil` for all that is kept.
    public var since: String?
    /// Only the last so many lines; `nil` for all.
    public var tail: Int?
    /// Whether to go on with new lines as they come.
    public var follow: Bool

    /// Makes a request.
    public init(
        name: FunctionName, instance: String? = nil, since: String? = nil, tail: Int? = nil, follow: Bool = false
    ) {
        self.name = name
        self.instance = instance
        self.since = since
        self.tail = tail
        self.follow = follow
    }
}
