import Glibc

/// Reads the last lines that a container wrote, for texts such as "it ended with code 1: …".
public struct LogTail: Sendable {
    /// How much of a file is looked at, in bytes.
    private static let window = 64 << 10

    private let directory: String
    private let usesJournal: Bool

    /// - Parameters:
    ///   - directory: The root of the file store, as in ``LogOptions``.
    ///   - usesJournal: Whether the journal is asked where there is one.
    public init(directory: String, usesJournal: Bool = true) {
        self.directory = directory
        self.usesJournal = usesJournal
    }

    /// The last lines of a container, oldest first; none when nothing is known of it.
    ///
    /// It reads from disk, at most 64 KiB of each file, so call it from where waiting is allowed.
    public func lines(namespace: String, name: String, id: String, last count: Int) -> [LogLine] {
        for part in [namespace, name, id] {
            do { try LogOptions.checkFileName(part, field: "log name") } catch { return [] }
        }
        if usesJournal, Journal.isPresent {
            let identifier = LogStore.identifier(namespace: namespace, name: name)
            let found = Journal.last(
                count, matching: ["SYSLOG_IDENTIFIER=\(identifier)", "CONTAINER_ID=\(id)"])
            if !found.isEmpty { return found }
        }
        let folder = LogFile.directory(root: directory, namespace: namespace, name: name)
        var lines: [LogLine] = []
        for index in 0...1 where lines.count < count {
            lines = Self.lines(ofFile: LogFile.path(folder, id: id, index: index)) + lines
        }
        return Array(lines.suffix(count))
    }

    private static func lines(ofFile path: String) -> [LogLine] {
        let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { return [] }
        defer { close(descriptor) }
        let size = lseek(descriptor, 0, SEEK_END)
        let start = max(0, size - off_t(window))
        var bytes = [UInt8](repeating: 0, count: Int(max(0, size - start)))
        let count = pread(descriptor, &bytes, bytes.count, start)
        guard count > 0 else { return [] }
        let text = String(decoding: bytes.prefix(count), as: UTF8.self)
        return text.split(separator: "\n").compactMap { LogLine(fileForm: $0) }
    }
}
