/// What `ctr` prints when it succeeds, turned into values. All knowledge of its tables is here.
///
/// A table's columns are padded with blanks, and no cell of ours holds a blank: ids, states, digests and image
/// names have none. A row that does not fit is passed over, since a name that breaks the form was not made by us.
enum CtrOutput {
    /// A row of `ctr containers list`: `CONTAINER IMAGE RUNTIME`. The image is `-` when there is none.
    static func containers(_ text: String) -> [(id: String, image: String)] {
        rows(text).compactMap { $0.count == 3 ? (id: $0[0], image: $0[1] == "-" ? "" : $0[1]) : nil }
    }

    /// The rows of `ctr tasks list`: `TASK PID STATUS`.
    static func tasks(_ text: String) -> [String: TaskState] {
        var states: [String: TaskState] = [:]
        for row in rows(text) where row.count == 3 {
            states[row[0]] = taskState(row[2], pid: Int32(row[1]) ?? 0)
        }
        return states
    }

    private static func taskState(_ status: String, pid: Int32) -> TaskState {
        switch status {
        case "RUNNING": .running(pid: pid)
        case "CREATED": .created(pid: pid)
        case "PAUSED", "PAUSING": .paused(pid: pid)
        case "STOPPED": .stopped
        default: .unknown
        }
    }

    /// The rows of `ctr images list`: `REF TYPE DIGEST SIZE UNIT PLATFORMS LABELS`.
    static func images(_ text: String) -> [ImageInfo] {
        rows(text).compactMap { row in
            guard row.count >= 3, ImageReference.isDigest(row[2]) else { return nil }
            return ImageInfo(name: row[0], digest: row[2], mediaType: row[1])
        }
    }

    /// The lines of `ctr content list --quiet`: one digest each.
    static func blobs(_ text: String) -> Set<String> {
        Set(lines(text).filter { ImageReference.isDigest($0) }.map(String.init))
    }

    /// The rows of `ctr namespaces list`: `NAME LABELS`, labels as `key=value` joined by commas.
    ///
    /// A value may itself hold commas; a part without `=` is therefore taken as the rest of the value before it.
    static func namespaces(_ text: String) -> [ContainerNamespace] {
        lines(text).dropFirst().compactMap { line in
            guard let end = line.firstIndex(of: " ") else { return nil }
            var labels: [String: String] = [:]
            var lastKey: String?
            for part in trimmed(line[end...]).split(separator: ",", omittingEmptySubsequences: false) {
                if let equals = part.firstIndex(of: "=") {
                    let key = String(part[..<equals])
                    labels[key] = String(part[part.index(after: equals)...])
                    lastKey = key
                } else if let lastKey {
                    labels[lastKey]?.append(",\(part)")
                }
            }
            return ContainerNamespace(name: String(line[..<end]), labels: labels)
        }
    }

    /// `ctr version`: a block `Client:` and a block `Server:`, each with a line `Version:`.
    static func version(_ text: String) -> RuntimeVersion? {
        let versions = lines(text).compactMap { line in
            trimmed(line).hasPrefix("Version:") ? String(trimmed(trimmed(line).dropFirst("Version:".count))) : nil
        }
        guard versions.count == 2 else { return nil }
        return RuntimeVersion(client: versions[0], server: versions[1])
    }

    /// The images that `ctr images import` made: lines `unpacking NAME (DIGEST)...done`.
    static func importedImages(_ text: String) -> [String] {
        lines(text).compactMap { line in
            let words = line.split(separator: " ")
            guard words.count >= 3, words[0] == "unpacking", words[2].hasPrefix("(") else { return nil }
            return String(words[1])
        }
    }

    /// The rows of `ctr images check` whose content is not all there: `REF TYPE DIGEST STATUS …`.
    static func incompleteImages(_ text: String) -> [String] {
        rows(text).compactMap { row in row.count > 3 && row[3] != "complete" ? row[0] : nil }
    }

    private static func rows(_ text: String) -> [[String]] {
        lines(text).dropFirst().map { line in line.split(whereSeparator: \.isWhitespace).map(String.init) }
    }

    private static func lines(_ text: String) -> [Substring] {
        text.split(separator: "\n")
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text
        while let last = text.last, last.isWhitespace { text = text.dropLast() }
        return text.drop(while: \.isWhitespace)
    }
}
