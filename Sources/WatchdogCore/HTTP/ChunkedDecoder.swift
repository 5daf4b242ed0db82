/// The framing of a chunked body, byte by byte and strict: CRLF only, sizes without sign or blanks, bounded extensions
/// and trailers. Payload is not copied; the decoder says how much of what follows is payload.
struct ChunkedDecoder {
    private enum State {
        case size(digits: Int)
        case extensions
        case sizeLineFeed
        case payload
        case payloadReturn
        case payloadLineFeed
        case trailerStart
        case trailer
        case trailerLineFeed
        case lastLineFeed
        case complete
    }

    private var state = State.size(digits: 0)
    private var size: UInt64 = 0
    private var overhead = 0

    /// Payload bytes that come next; 0 between chunks.
    private(set) var payload: UInt64 = 0

    var isComplete: Bool {
        if case .complete = state { return true }
        return false
    }

    mutating func consumedPayload(_ count: Int) {
        payload -= UInt64(count)
        if payload == 0 { state = .payloadReturn }
    }

    /// Reads framing until payload, the end of the body, or the end of `bytes`.
    /// - Returns: how many bytes were framing.
    mutating func readFraming(_ bytes: UnsafeRawBufferPointer) throws(RequestParser.Refusal) -> Int {
        for (index, byte) in bytes.enumerated() {
            if payload > 0 || isComplete { return index }
            try take(byte)
        }
        return bytes.count
    }

    private mutating func take(_ byte: UInt8) throws(RequestParser.Refusal) {
        switch state {
        case .size(let digits):
            try takeSize(byte, digits: digits)
        case .extensions:
            if byte == .carriageReturn {
                state = .sizeLineFeed
            } else {
                try countOverhead(byte)
            }
        case .sizeLineFeed:
            try expect(byte, .lineFeed)
            payload = size
            state = size == 0 ? .trailerStart : .payload
            if size == 0 { overhead = 0 }
        case .payload, .complete:
            break
        case .payloadReturn:
            try expect(byte, .carriageReturn)
            state = .payloadLineFeed
        case .payloadLineFeed:
            try expect(byte, .lineFeed)
            size = 0
            state = .size(digits: 0)
        case .trailerStart:
            if byte == .carriageReturn {
                state = .lastLineFeed
            } else {
                guard byte.isToken else { throw Self.malformed("trailer name is not a token") }
                try countOverhead(byte)
                state = .trailer
            }
        case .trailer:
            if byte == .carriageReturn {
                state = .trailerLineFeed
            } else {
                try countOverhead(byte)
            }
        case .trailerLineFeed:
            try expect(byte, .lineFeed)
            state = .trailerStart
        case .lastLineFeed:
            try expect(byte, .lineFeed)
            state = .complete
        }
    }

    private mutating func takeSize(_ byte: UInt8, digits: Int) throws(RequestParser.Refusal) {
        if let value = byte.hexValue {
            guard digits < 15 else { throw Self.malformed("chunk size is too large") }
            size = size << 4 | UInt64(value)
            state = .size(digits: digits + 1)
            return
        }
        guard digits > 0 else { throw Self.malformed("chunk size is missing") }
        switch byte {
        case .carriageReturn: state = .sizeLineFeed
        case .semicolon: state = .extensions
        default: throw Self.malformed("chunk size is not hexadecimal")
        }
    }

    private func expect(_ byte: UInt8, _ expected: UInt8) throws(RequestParser.Refusal) {
        guard byte == expected else { throw Self.malformed("chunk line does not end in CRLF") }
    }

    private mutating func countOverhead(_ byte: UInt8) throws(RequestParser.Refusal) {
        overhead += 1
        guard byte.isFieldValue else { throw Self.malformed("control byte in a chunk line") }
        guard overhead <= Limits.chunkOverhead else { throw Self.malformed("chunk lines are too long") }
    }

    private static func malformed(_ reason: String) -> RequestParser.Refusal {
        RequestParser.Refusal(rejection: .malformed(reason))
    }
}
