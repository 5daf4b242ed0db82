/// Walks through a chunked body (RFC 9112 §7.1) without copying it, and checks its framing.
struct ChunkScanner: Equatable {
    /// What the next bytes are.
    enum Step: Equatable {
        /// Bytes of a chunk's content.
        case data(Int)
        /// Sizes, extensions and line ends.
        case framing(Int)
        /// Trailer fields, which are dropped.
        case trailer(Int)
        /// More bytes are needed.
        case incomplete
        /// The body is over; the bytes given belong to what follows.
        case end
    }

    private enum State: Equatable {
        case size(value: Int, digits: Int)
        case extensions(value: Int)
        case sizeLineFeed(value: Int)
        case data(remaining: Int)
        case dataReturn
        case dataLineFeed
        case trailerStart
        case trailerLine
        case trailerLineFeed
        case lastLineFeed
        case ended
    }

    /// The longest size line, and all trailers together. Both are small in practice; a limit keeps a sender from
    /// making us work for bytes that are thrown away.
    static let lineLimit = 512
    static let trailerLimit = 16 * 1024

    private var state = State.size(value: 0, digits: 0)
    private var lineBytes = 0
    private var trailerBytes = 0

    /// Whether the last byte of the body was seen.
    var isEnded: Bool { state == .ended }

    /// Takes the next run of bytes of one kind.
    ///
    /// - Parameter bytes: what stands behind the bytes of the last step.
    mutating func next(_ bytes: Bytes) throws(BodyFault) -> Step {
        if case .data(let remaining) = state {
            guard !bytes.isEmpty else { return .incomplete }
            let count = min(remaining, bytes.count)
            state = count == remaining ? .dataReturn : .data(remaining: remaining - count)
            return .data(count)
        }
        if state == .ended { return .end }
        guard !bytes.isEmpty else { return .incomplete }
        return isTrailer ? try trailer(bytes) : try framing(bytes)
    }

    private var isTrailer: Bool { state == .trailerLine || state == .trailerLineFeed }

    private mutating func framing(_ bytes: Bytes) throws(BodyFault) -> Step {
        var position = 0
        while position < bytes.count {
            // The first byte of a trailer is not ours, so look before taking it.
            if state == .trailerStart, bytes[position] != .carriageReturn {
                state = .trailerLine
                break
            }
            try takeFramingByte(bytes[position])
            position += 1
            if case .data = state { break }
            if state == .ended { break }
        }
        return position > 0 ? .framing(position) : try next(bytes)
    }

    private mutating func takeFramingByte(_ byte: UInt8) throws(BodyFault) {
        switch state {
        case .size(let value, let digits):
            try takeSizeByte(byte, value: value, digits: digits)
        case .extensions(let value):
            lineBytes += 1
            guard lineBytes <= Self.lineLimit else { throw .malformedChunk }
            if byte == .carriageReturn {
                state = .sizeLineFeed(value: value)
            } else {
                guard byte.isFieldContent else { throw .malformedChunk }
            }
        case .sizeLineFeed(let value):
            guard byte == .lineFeed else { throw .malformedChunk }
            lineBytes = 0
            state = value == 0 ? .trailerStart : .data(remaining: value)
        case .dataReturn:
            guard byte == .carriageReturn else { throw .malformedChunk }
            state = .dataLineFeed
        case .dataLineFeed:
            guard byte == .lineFeed else { throw .malformedChunk }
            state = .size(value: 0, digits: 0)
        case .trailerStart:
            state = .lastLineFeed
        case .lastLineFeed:
            guard byte == .lineFeed else { throw .malformedChunk }
            state = .ended
        case .data, .trailerLine, .trailerLineFeed, .ended:
            throw .malformedChunk
        }
    }

    private mutating func takeSizeByte(_ byte: UInt8, value: Int, digits: Int) throws(BodyFault) {
        if let digit = byte.hexValue {
            // 15 hexadecimal digits always fit into an Int.
            guard digits < 15 else { throw .malformedChunk }
            state = .size(value: value << 4 | Int(digit), digits: digits + 1)
            return
        }
        guard digits > 0 else { throw .malformedChunk }
        switch byte {
        case .carriageReturn: state = .sizeLineFeed(value: value)
        case 0x3B: state = .extensions(value: value)  // ;
        default: throw .malformedChunk
        }
    }

    private mutating func trailer(_ bytes: Bytes) throws(BodyFault) -> Step {
        var position = 0
        while position < bytes.count {
            let byte = bytes[position]
            if state == .trailerLineFeed {
                guard byte == .lineFeed else { throw .malformedChunk }
                state = .trailerStart
            } else if byte == .carriageReturn {
                state = .trailerLineFeed
            } else {
                guard byte.isFieldContent else { throw .malformedChunk }
            }
            position += 1
            if state == .trailerStart { break }
        }
        trailerBytes += position
        guard trailerBytes <= Self.trailerLimit else { throw .malformedChunk }
        return .trailer(position)
    }
}
