/// Reads the last lines that a container wrote, for texts such as "it ended with code 1: …".
public struct LogTail: Sendable {
    /// The most text that is given back, in bytes, unless the last line alone is longer.
    private static let maximumBytes = 64 << 10

    private let reader: LogReader

    /// - Parameters:
    ///   - directory: The root of the file store, as in ``LogOptions``.
    ///   - usesJournal: Whether the journal is asked where there is one.
    public init(directory: String, usesJournal: Bool = true) {
        reader = LogReader(directory: directory, usesJournal: usesJournal)
    }

    /// The last lines of a container, oldest first; none when nothing is known of it.
    ///
    /// It reads from disk, so call it from where waiting is allowed.
    public func lines(namespace: String, name: String, id: String, last count: Int) -> [LogLine] {
        let query = LogQuery(namespace: namespace, name: name, instance: id, tail: count)
        guard var merge = try? reader.merge(query) else { return [] }
        var lines: [LogLine] = []
        var bytes = 0
        while let line = merge.next()?.line {
            lines.append(line)
            bytes += line.text.utf8.count
            while bytes > Self.maximumBytes, lines.count > 1 { bytes -= lines.removeFirst().text.utf8.count }
        }
        return lines
    }
}
