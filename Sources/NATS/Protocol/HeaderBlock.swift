/// The fields of a message as bytes: `NATS/1.0 [STATUS [TEXT]]`, a line for each field, and an empty line (ADR-4).
enum HeaderBlock {
    private static let version = "NATS/1.0"

    static func read(_ bytes: [UInt8]) throws(NATSError) -> (headers: NATSHeaders, status: Int?) {
        // A server of a newer version may end its lines otherwise; ours are split at the line feed and lose a return.
        var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map { line in
            line.last == UInt8(ascii: "\r") ? line.dropLast() : line
        }
        guard lines.count >= 3, lines.removeLast().isEmpty, lines.removeLast().isEmpty else {
            throw .violation("fields without their end")
        }
        let first = String(decoding: lines.removeFirst(), as: UTF8.self)
        guard first.hasPrefix(version) else { throw .violation("fields of an unknown version") }
        let words = first.dropFirst(version.count).split(separator: " ", maxSplits: 1)
        let status = words.first.flatMap { $0.utf8.count == 3 ? Int($0) : nil }
        guard words.isEmpty || status != nil else { throw .violation("a status that is none") }
        var headers = NATSHeaders()
        for line in lines {
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex else {
                throw .violation("a field without a name")
            }
            let value = line[line.index(after: colon)...].drop { $0 == UInt8(ascii: " ") }
            headers.add(String(decoding: line[..<colon], as: UTF8.self), String(decoding: value, as: UTF8.self))
        }
        return (headers, status)
    }

    static func write(_ headers: NATSHeaders) throws(NATSError) -> [UInt8] {
        var text = version + "\r\n"
        for (name, value) in headers.fields {
            // A line end within would let a value add fields of its own.
            guard !name.isEmpty, name.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: ":") }),
                !value.utf8.contains(where: { $0 == 0x0A || $0 == 0x0D || $0 == 0 })
            else { throw NATSError(.badName, "a field of a NATS message may hold no line end, and its name no blank") }
            text += "\(name): \(value)\r\n"
        }
        text += "\r\n"
        return Array(text.utf8)
    }
}
