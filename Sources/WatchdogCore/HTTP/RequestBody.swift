/// Where the body of a message begins and ends among the bytes that arrive.
struct RequestBody {
    /// What the bytes at hand begin with.
    enum Next: Equatable {
        /// Framing, to be dropped.
        case framing(Int)
        /// Payload. Whoever took some of it calls `consumed`.
        case payload(Int)
        case malformed(Rejection)
    }

    private enum Kind {
        case length(UInt64)
        case chunked(ChunkedDecoder)
        case open
    }

    private var kind: Kind

    /// All that comes, until the connection ends.
    static var open: RequestBody {
        var body = RequestBody()
        body.kind = .open
        return body
    }

    init(_ framing: RequestHead.Framing = .none) {
        switch framing {
        case .none: kind = .length(0)
        case .length(let length): kind = .length(length)
        case .chunked: kind = .chunked(ChunkedDecoder())
        }
    }

    var isComplete: Bool {
        switch kind {
        case .length(let left): left == 0
        case .chunked(let decoder): decoder.isComplete
        case .open: false
        }
    }

    /// - Parameter bytes: what follows the head or what was consumed last; not empty, and the body not complete.
    mutating func next(_ bytes: UnsafeRawBufferPointer) -> Next {
        switch kind {
        case .open:
            return .payload(bytes.count)
        case .length(let left):
            return .payload(Int(min(left, UInt64(bytes.count))))
        case .chunked(var decoder):
            if decoder.payload > 0 { return .payload(Int(min(decoder.payload, UInt64(bytes.count)))) }
            do {
                let framing = try decoder.readFraming(bytes)
                kind = .chunked(decoder)
                return .framing(framing)
            } catch {
                return .malformed(error.rejection)
            }
        }
    }

    mutating func consumed(_ count: Int) {
        switch kind {
        case .open:
            break
        case .length(let left):
            kind = .length(left - UInt64(count))
        case .chunked(var decoder):
            decoder.consumedPayload(count)
            kind = .chunked(decoder)
        }
    }
}
