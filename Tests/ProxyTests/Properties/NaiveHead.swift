#if canImport(Proxy)
    @testable import Proxy
#endif

/// A head read in the plainest way, as a judge of what the real parsers accept: it knows nothing of pieces, limits or
/// speed, and refuses whatever RFC 9112 gives no single meaning.
struct NaiveHead {
    let startLine: [UInt8]
    /// Names in lower case.
    let fields: [(name: String, value: String)]

    private static let tokens = Set(
        "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ".utf8)

    /// - Parameter bytes: a whole head with its empty line; one empty line before it is left out.
    init(_ bytes: [UInt8]) throws {
        var lines = try Self.lines(bytes)
        if lines.first?.isEmpty == true { lines.removeFirst() }
        try Violation.unless(lines.count >= 2 && lines.last?.isEmpty == true, "no empty line at the end")
        lines.removeLast()
        startLine = lines.removeFirst()
        fields = try lines.map { line in
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > 0 else {
                throw Violation(description: "a field without a name: \(line)")
            }
            try Violation.unless(line[..<colon].allSatisfy(Self.tokens.contains), "a name that is no token: \(line)")
            return (
                String(decoding: line[..<colon], as: UTF8.self).lowercased(),
                Self.trimmed(String(decoding: line[(colon + 1)...], as: UTF8.self))
            )
        }
    }

    private static func trimmed(_ text: some StringProtocol) -> String {
        String(text.drop { $0 == " " || $0 == "\t" }.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
    }

    private static func lines(_ bytes: [UInt8]) throws -> [[UInt8]] {
        var lines: [[UInt8]] = []
        var line: [UInt8] = []
        for byte in bytes {
            if byte == 10 {
                try Violation.unless(line.last == 13, "a bare line feed was accepted")
                line.removeLast()
                try Violation.unless(!line.contains { ($0 < 32 && $0 != 9) || $0 == 127 }, "a control character")
                lines.append(line)
                line = []
            } else {
                line.append(byte)
            }
        }
        try Violation.unless(line.isEmpty, "bytes behind the last line")
        return lines
    }

    func values(_ name: String) -> [String] { fields.filter { $0.name == name }.map(\.value) }

    /// The only length that all agree on, `nil` where there is none.
    func contentLength() throws -> Int? {
        let values = values("content-length")
        guard let first = values.first else { return nil }
        let numbers = values.map { Int($0) }
        try Violation.unless(
            values.allSatisfy { $0.utf8.allSatisfy { $0 >= 0x30 && $0 <= 0x39 } }
                && numbers.allSatisfy { $0 != nil && $0 == numbers[0] },
            "lengths \(values) were accepted")
        return Int(first)
    }

    /// Whether it is chunked and nothing else.
    func isChunked() throws -> Bool {
        let values = values("transfer-encoding")
        try Violation.unless(
            values.count <= 1 && values.allSatisfy { $0.lowercased() == "chunked" }, "codings \(values) were accepted")
        return !values.isEmpty
    }

    /// That there is one way to find the end of the body, and it is the one that was found.
    func checkFraming(_ found: ConnectionFields) throws {
        let (length, chunked) = (try contentLength(), try isChunked())
        try Violation.unless(length == nil || !chunked, "a length and chunks were accepted")
        try Violation.unless(found.contentLength == length, "length \(String(describing: length)) was misread")
        try Violation.unless(found.isChunked == chunked, "chunked \(chunked) was misread")
    }

    /// That no field of these is there.
    func checkAbsent(_ names: some Sequence<String>) throws {
        for name in names { try Violation.unless(values(name).isEmpty, "\(name) was passed on") }
    }

    /// Fields that mean something to one hop only (RFC 9110 §7.6.1).
    static let hopByHop = [
        "keep-alive", "proxy-connection", "proxy-authenticate", "proxy-authorization", "te", "trailer",
    ]

    /// Names that `Connection` gives, of fields that the proxy does not know itself.
    func namedByConnection() -> Set<String> {
        let names = values("connection").flatMap { $0.split(separator: ",") }.map { Self.trimmed($0).lowercased() }
        return Set(names).filter { name in
            Array(name.utf8).withUnsafeBytes { FieldKind(name: $0) == .other }
        }
    }
}
