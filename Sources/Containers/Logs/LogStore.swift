/// Where a collector's lines go: the journal while it takes them, otherwise the container's file.
struct LogStore {
    /// Says of an entry of the journal that its line goes on; the name is the one that Docker's driver uses.
    static let partialField = "CONTAINER_PARTIAL_MESSAGE"

    private let journalFields: [[UInt8]]?
    private var file: LogFile

    /// - Parameter journal: Whether there is a journal to write to.
    init(options: LogOptions, namespace: String, id: String, journal: Bool) {
        file = LogFile(options: options, namespace: namespace, id: id)
        guard journal else {
            journalFields = nil
            return
        }
        var fields = options.fields
        fields["SYSLOG_IDENTIFIER"] = Self.identifier(namespace: namespace, name: options.name)
        fields["CONTAINER_ID"] = id
        fields["CONTAINER_NAMESPACE"] = namespace
        journalFields = fields.sorted { $0.key < $1.key }.map { Array("\($0.key)=\($0.value)".utf8) }
    }

    static func identifier(namespace: String, name: String) -> String { "\(namespace):\(name)" }

    mutating func write(_ records: [LogRecord]) {
        guard let journalFields else { return file.write(records) }
        for (index, record) in records.enumerated() {
            // syslog's numbers: 6 is "informational", 3 is "error".
            let priority = Array("PRIORITY=\(record.stream == .error ? 3 : 6)".utf8)
            let text = Array("MESSAGE=".utf8) + record.bytes
            let mark = record.endsLine ? [] : [Array("\(Self.partialField)=true".utf8)]
            guard Journal.send(journalFields + [priority, text] + mark) else {
                return file.write(Array(records[index...]))
            }
        }
    }

    mutating func close() {
        file.close()
    }
}
