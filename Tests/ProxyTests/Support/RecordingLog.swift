import Logging

/// Keeps what the proxy tells an operator, from level `info` on: the message, and its metadata in order of their keys.
struct RecordingLog: LogHandler {
    private let lines = NIOLockedState([String]())
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let facts = (event.metadata ?? [:]).sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }
        lines.with { $0.append("\(event.level) \(event.message)\(facts.joined())") }
    }

    /// The lines that begin with `prefix`.
    func lines(_ prefix: String) -> [String] {
        lines.with { $0 }.filter { $0.hasPrefix(prefix) }
    }
}
