/// How the output of one container is kept.
///
/// It travels as one argument of the collecting program, which containerd starts; see ``LogTarget``.
public struct LogOptions: Sendable, Equatable {
    /// What the container is a part of; its lines are kept under this name.
    public let name: String
    /// The root of the file store: `DIRECTORY/NAMESPACE/NAME/CONTAINER.log`.
    public let directory: String
    /// Whether lines go to the system's journal where there is one. Otherwise they go to the file store.
    public let usesJournal: Bool
    /// Fields added to each entry of the journal.
    public let fields: [String: String]
    /// The size at which a file of the store is set aside, in bytes.
    public let fileLimitBytes: Int
    /// How many files are kept for a container, the one being written among them.
    public let fileCount: Int
    /// How many containers' files are kept under one name; those of containers that run do not count out.
    public let containerCount: Int

    /// Makes options.
    ///
    /// - Throws: `invalidArgument` for a name that cannot be a file's, a relative directory, a field that is not a
    ///   journal's (capitals, digits and `_`, a capital first), or a limit that is not positive.
    public init(
        name: String, directory: String, usesJournal: Bool = true, fields: [String: String] = [:],
        fileLimitBytes: Int = 4 << 20, fileCount: Int = 3, containerCount: Int = 20
    ) throws(ContainersError) {
        try LogOptions.checkFileName(name, field: "log name")
        guard directory.hasPrefix("/"), !directory.utf8.contains(0) else {
            throw ContainersError(.invalidArgument, "the log directory must be an absolute path")
        }
        guard fields.keys.allSatisfy(Self.isJournalField), fields.count <= 16 else {
            throw ContainersError(
                .invalidArgument, "a log field must be made of capitals, digits and '_', and begin with a capital")
        }
        guard fileLimitBytes >= 4096, fileCount >= 1, containerCount >= 1 else {
            throw ContainersError(
                .invalidArgument, "log limits must be at least 4096 bytes, one file and one container")
        }
        self.name = name
        self.directory = directory
        self.usesJournal = usesJournal
        self.fields = fields
        self.fileLimitBytes = fileLimitBytes
        self.fileCount = fileCount
        self.containerCount = containerCount
    }

    static func checkFileName(_ name: String, field: String) throws(ContainersError) {
        let good = (1...200).contains(name.utf8.count) && name != "." && name != ".."
        guard good, !name.utf8.contains(where: { $0 <= 0x20 || $0 == UInt8(ascii: "/") || $0 == 0x7f }) else {
            throw ContainersError(
                .invalidArgument,
                "the \(field) \"\(BoundedText.shown(name))\" must be 1 to 200 bytes without '/' and space")
        }
    }

    private static func isJournalField(_ name: String) -> Bool {
        guard let first = name.utf8.first, (1...64).contains(name.utf8.count) else { return false }
        let capitals = UInt8(ascii: "A")...UInt8(ascii: "Z")
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        return capitals.contains(first)
            && name.utf8.allSatisfy { capitals.contains($0) || digits.contains($0) || $0 == UInt8(ascii: "_") }
    }
}

/// The one-line form: `key=value` pairs joined by commas, values percent-encoded.
extension LogOptions {
    private static let fieldPrefix = "field."

    /// The options as one argument.
    public var encoded: String {
        var pairs = [
            ("name", name), ("directory", directory), ("journal", usesJournal ? "1" : "0"),
            ("bytes", String(fileLimitBytes)), ("files", String(fileCount)), ("containers", String(containerCount)),
        ]
        for (key, value) in fields.sorted(by: { $0.key < $1.key }) {
            pairs.append((Self.fieldPrefix + key, value))
        }
        return pairs.map { "\($0)=\(PercentCoding.encode($1))" }.joined(separator: ",")
    }

    /// Reads the form that ``encoded`` writes.
    ///
    /// - Throws: `invalidArgument` for anything else.
    public init(decoding text: String) throws(ContainersError) {
        var values: [String: String] = [:]
        for pair in text.split(separator: ",", omittingEmptySubsequences: false) {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, let value = PercentCoding.decode(parts[1]),
                values.updateValue(value, forKey: String(parts[0])) == nil
            else { throw Self.malformed(text) }
        }
        guard let name = values.removeValue(forKey: "name"),
            let directory = values.removeValue(forKey: "directory"),
            let journal = values.removeValue(forKey: "journal"),
            let bytes = values.removeValue(forKey: "bytes").flatMap({ Int($0) }),
            let files = values.removeValue(forKey: "files").flatMap({ Int($0) }),
            let containers = values.removeValue(forKey: "containers").flatMap({ Int($0) }),
            values.keys.allSatisfy({ $0.hasPrefix(Self.fieldPrefix) })
        else { throw Self.malformed(text) }
        let fields = values.map { (String($0.key.dropFirst(Self.fieldPrefix.count)), $0.value) }
        try self.init(
            name: name, directory: directory, usesJournal: journal == "1",
            fields: Dictionary(uniqueKeysWithValues: fields), fileLimitBytes: bytes, fileCount: files,
            containerCount: containers)
    }

    private static func malformed(_ text: String) -> ContainersError {
        ContainersError(.invalidArgument, "not the options of a log collector: \"\(BoundedText.shown(text))\"")
    }
}
