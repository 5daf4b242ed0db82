/// Cuts a stream of bytes into lines, and a line without end into pieces.
struct LineSplitter {
    /// A line, or a part of one.
    struct Piece: Equatable {
        /// The bytes without the line feed.
        var bytes: [UInt8]
        /// Whether the line ends here.
        var endsLine: Bool
    }

    private let maximumLength: Int
    private var rest: [UInt8] = []

    /// - Parameter maximumLength: The longest piece, in bytes.
    init(maximumLength: Int) {
        self.maximumLength = maximumLength
    }

    /// Takes the next bytes of the stream and returns what is complete with them.
    mutating func append(_ bytes: UnsafeRawBufferPointer) -> [Piece] {
        var pieces: [Piece] = []
        var start = bytes.startIndex
        while start < bytes.endIndex {
            let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.endIndex
            add(bytes[start..<end], to: &pieces)
            guard end < bytes.endIndex else { break }
            pieces.append(Piece(bytes: rest, endsLine: true))
            rest.removeAll(keepingCapacity: true)
            start = end + 1
        }
        return pieces
    }

    /// Returns what is left when the stream has ended.
    mutating func finish() -> Piece? {
        guard !rest.isEmpty else { return nil }
        defer { rest = [] }
        return Piece(bytes: rest, endsLine: true)
    }

    private mutating func add(_ bytes: Slice<UnsafeRawBufferPointer>, to pieces: inout [Piece]) {
        var remaining = bytes
        while rest.count + remaining.count > maximumLength {
            let fitting = remaining.prefix(maximumLength - rest.count)
            rest.append(contentsOf: fitting)
            pieces.append(Piece(bytes: rest, endsLine: false))
            rest.removeAll(keepingCapacity: true)
            remaining = remaining.dropFirst(fitting.count)
        }
        rest.append(contentsOf: remaining)
    }
}
