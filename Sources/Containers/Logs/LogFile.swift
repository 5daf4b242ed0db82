import Glibc

/// The file store of one container: `ID.log`, and `ID.log.1` to `.N` set aside, oldest last.
///
/// A failed write loses the lines it held and closes the file; the next write opens it anew. Nothing is thrown,
/// because a store that is full must not stop what the container writes.
struct LogFile {
    /// What the names of files have after the container's id.
    static let suffix = ".log"

    private let directory: String
    private let id: String
    private let limit: Int
    private let count: Int
    private var descriptor: Int32 = -1
    private var size = 0

    init(options: LogOptions, namespace: String, id: String) {
        directory = Self.directory(root: options.directory, namespace: namespace, name: options.name)
        self.id = id
        limit = options.fileLimitBytes
        count = options.fileCount
    }

    static func directory(root: String, namespace: String, name: String) -> String {
        "\(root)/\(namespace)/\(name)"
    }

    /// The files of a container, newest first.
    static func path(_ directory: String, id: String, index: Int) -> String {
        index == 0 ? "\(directory)/\(id)\(suffix)" : "\(directory)/\(id)\(suffix).\(index)"
    }

    mutating func write(_ records: [LogRecord]) {
        var pending: [UInt8] = []
        var previous: LogRecord?
        var header: [UInt8] = []
        for record in records {
            if !(previous?.hasHeader(of: record) ?? false) { header = record.fileHeader }
            previous = record
            let length = header.count + record.bytes.count + 1
            if size + pending.count + length > limit, size + pending.count > 0 {
                flush(pending)
                pending.removeAll(keepingCapacity: true)
                rotate()
            }
            pending.append(contentsOf: header)
            pending.append(contentsOf: record.bytes)
            pending.append(UInt8(ascii: "\n"))
        }
        flush(pending)
    }

    mutating func close() {
        if descriptor >= 0 { Glibc.close(descriptor) }
        descriptor = -1
        size = 0
    }

    private mutating func flush(_ bytes: [UInt8]) {
        guard !bytes.isEmpty, open() else { return }
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                Glibc.write(descriptor, buffer.baseAddress?.advanced(by: written), bytes.count - written)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                close()
                return
            }
            written += count
        }
        size += written
    }

    /// The lock tells a collector that prunes the store that this file has a writer.
    private mutating func open() -> Bool {
        guard descriptor < 0 else { return true }
        guard Self.makeDirectories(directory) else { return false }
        let path = Self.path(directory, id: id, index: 0)
        descriptor = Glibc.open(path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else { return false }
        flock(descriptor, LOCK_EX | LOCK_NB)
        size = max(0, Int(lseek(descriptor, 0, SEEK_END)))
        return true
    }

    private mutating func rotate() {
        close()
        for index in stride(from: count - 1, to: 0, by: -1) {
            rename(Self.path(directory, id: id, index: index - 1), Self.path(directory, id: id, index: index))
        }
        if count == 1 { unlink(Self.path(directory, id: id, index: 0)) }
    }

    private static func makeDirectories(_ path: String) -> Bool {
        var made = ""
        for part in path.split(separator: "/") {
            made += "/\(part)"
            guard mkdir(made, 0o750) == 0 || errno == EEXIST else { return false }
        }
        return true
    }
}
