/// What a request for a file asks for.
struct FileRequest {
    /// The path, decoded.
    private(set) var path: [UInt8] = []
    private(set) var range: UnsafeRawBufferPointer?
    /// The date of the copy that the client has.
    private(set) var knownDate: UnsafeRawBufferPointer?

    init(_ request: CallRequest) {
        var path: [UInt8] = []
        request.bytes.slice(request.head.path).forEachDecoded { path.append($0) }
        self.path = path
        if let replacing = request.replacingPath { path = Array(replacing.utf8.prefix { $0 != .question }) }
        for field in request.head.fields {
            let name = request.bytes.slice(field.name)
            if name.matches("range") { range = request.bytes.slice(field.value) }
            if name.matches("if-modified-since") { knownDate = request.bytes.slice(field.value) }
        }
        // With this a part is wanted only of the same file; the whole of it is always right.
        if request.head.fields.contains(where: { request.bytes.slice($0.name).matches("if-range") }) { range = nil }
    }

    enum Part: Equatable {
        case whole
        case bytes(Range<Int>)
        /// It asks for what is not there.
        case none
    }

    /// The part of a file that is asked for. What is not one range of bytes gets the whole.
    func part(of size: Int) -> Part {
        guard let range, range.count > 6, range.slice(0..<6).matches("bytes=") else { return .whole }
        let text = range.slice(6..<range.count).trimmed
        guard let dash = text.firstIndex(of: .dash) else { return .whole }
        let first = Self.number(text.slice(0..<dash))
        let last = Self.number(text.slice(dash + 1..<text.count))
        switch (first, last) {
        case (.number(let first), .number(let last)) where first <= last:
            return first < size ? .bytes(first..<min(last + 1, size)) : .none
        case (.number(let first), .missing):
            return first < size ? .bytes(first..<size) : .none
        case (.missing, .number(let count)):
            return count > 0 && size > 0 ? .bytes(max(0, size - count)..<size) : .none
        default:
            return .whole
        }
    }

    private enum Number {
        case missing
        case number(Int)
        case junk
    }

    private static func number(_ text: UnsafeRawBufferPointer) -> Number {
        if text.isEmpty { return .missing }
        guard text.count <= 18, text.allSatisfy(\.isDigit) else { return .junk }
        return .number(text.reduce(0) { $0 * 10 + Int($1 - 0x30) })
    }
}
