import NIOCore

/// The request that a client's connection carries now, as the access log will tell it.
///
/// A connection carries one request at a time, so it has one record, whose memory is used again and again. The bytes
/// of a head are gone when its request ends, so the first half of the line is written when it begins.
final class AccessRecord {
    /// The most bytes of a path, and of a `User-Agent`, that are logged.
    static let pathLimit = 1024
    static let userAgentLimit = 256
    /// Memory above this is given back, so that one large request does not keep it for long.
    private static let keptBytes = 2048

    /// Whether a request has begun and not ended.
    private(set) var isOpen = false
    private var text = ByteBuffer()
    private var started = NIODeadline.uptimeNanoseconds(0)

    func begin(
        _ head: RequestHead?, _ bytes: Bytes, peer: [UInt8], time: UInt64, clock: inout TimestampWriter,
        now: NIODeadline
    ) {
        isOpen = true
        started = now
        text.clear()
        let facts = head.map { Facts($0, bytes) } ?? Facts()
        // A byte becomes six at most; the names of the fields have less than 128.
        let capacity = 6 * (peer.count + facts.count) + 128 + TimestampWriter.count
        text.append(capacity: capacity) { writer in
            writer.write("{\"time\":\"")
            clock.write(time, to: &writer)
            writer.write(byte: .quote)
            if !peer.isEmpty { peer.withUnsafeBytes { writer.write("client", escaping: $0) } }
            if !facts.method.isEmpty {
                writer.write("method", escaping: bytes.part(facts.method))
                writer.write("path", escaping: bytes.part(facts.path))
            }
            if let id = facts.callID { writer.write("call_id", escaping: bytes.part(id)) }
            if let id = facts.traceID { writer.write("trace_id", escaping: bytes.part(id)) }
            if let agent = facts.userAgent { writer.write("user_agent", escaping: bytes.part(agent)) }
        }
    }

    /// The request is a call of a function, with an identity.
    func addCall(of function: [UInt8], _ id: CallID) {
        text.append(capacity: 6 * (function.count + id.count) + 32) { writer in
            function.withUnsafeBytes { writer.write("function", escaping: $0) }
            switch id {
            case .given(let bytes): bytes.withUnsafeBytes { writer.write("call_id", escaping: $0) }
            case .made:
                writer.write(",\"call_id\":\"")
                id.write(to: &writer)
                writer.write(byte: .quote)
            }
        }
    }

    func writeLine(to lines: inout ByteBuffer, _ end: AccessLog.End, now: NIODeadline) {
        isOpen = false
        lines.writeImmutableBuffer(text)
        if text.capacity > Self.keptBytes { text = ByteBuffer() }
        lines.append(capacity: 6 * (end.replica?.id.utf8.count ?? 0) + 256) { writer in
            if let replica = end.replica {
                writer.write(",\"replica\":\"")
                for byte in replica.id.utf8 { writer.write(escaped: byte) }
                writer.write(byte: .quote)
            }
            writer.write(",\"status\":")
            writer.write(decimal: UInt64(end.status))
            writer.write(",\"bytes_in\":")
            writer.write(decimal: UInt64(end.bytesIn))
            writer.write(",\"bytes_out\":")
            writer.write(decimal: UInt64(end.bytesOut))
            let duration = UInt64(max(0, (now - started).nanoseconds))
            writer.write(",\"duration_ms\":")
            writer.write(decimal: duration / 1_000_000)
            writer.write(byte: .dot)
            writer.write(decimal: duration / 1_000 % 1_000, width: 3)
            if let limit = end.limit {
                writer.write(",\"limit\":\"")
                writer.write(limit.name)
                writer.write(byte: .quote)
            }
            writer.write("}\n")
        }
    }
}

extension AccessRecord {
    /// Where in a head the bytes are that are logged. No other field is: neither credentials nor cookies.
    fileprivate struct Facts {
        var method = 0..<0
        var path = 0..<0
        var userAgent: Range<Int>?
        var traceID: Range<Int>?
        /// That of a request to the control plane; a call has one in any case, see ``AccessRecord/addCall(of:_:)``.
        var callID: Range<Int>?

        var count: Int {
            method.count + path.count + (userAgent?.count ?? 0) + (traceID?.count ?? 0) + (callID?.count ?? 0)
        }

        init() {}

        init(_ head: RequestHead, _ bytes: Bytes) {
            method = head.methodRange
            path = Self.path(head, bytes)
            var traces = 0
            for field in head.fields where field.kind == .other {
                let name = bytes.part(field.name)
                if userAgent == nil, name.isText("user-agent") {
                    userAgent = Self.cut(field.value, to: AccessRecord.userAgentLimit)
                } else if name.isText("traceparent") {
                    traces += 1
                    traceID = TraceParent.traceID(bytes, in: field.value)
                }
            }
            // Which of two would be the right one is not known (W3C Trace Context §3.2).
            if traces > 1 { traceID = nil }
            guard !bytes.part(head.target).holds(FunctionPath.prefix),
                let field = head.fields.first(where: { $0.kind == .callID && !$0.value.isEmpty })
            else { return }
            callID = Self.cut(field.value, to: CallID.givenLimit)
        }

        /// Without the query: tokens, keys and names of people stand there, and logs are read by more people and kept
        /// for longer than requests.
        private static func path(_ head: RequestHead, _ bytes: Bytes) -> Range<Int> {
            let part = cut(head.target, to: AccessRecord.pathLimit)
            let end = part.first { bytes[$0] == .questionMark } ?? part.upperBound
            return part.lowerBound..<end
        }

        private static func cut(_ range: Range<Int>, to limit: Int) -> Range<Int> {
            range.lowerBound..<min(range.upperBound, range.lowerBound + limit)
        }
    }
}
