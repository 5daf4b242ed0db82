import NIOCore

/// How the body of an answer is framed for the client.
enum ClientFraming {
    /// There is no body, whatever the fields say: the length is passed on as the replica said it, if it did.
    case none
    /// As many bytes as announced, passed on as they are.
    case length
    /// Chunks of the replica, passed on as they are.
    case chunked
    /// Our own chunks around a body that the replica ends by closing.
    case madeChunked
    /// Until we close: for a client of HTTP/1.0, when the length is not known.
    case untilClose
    /// A tunnel begins behind the head.
    case tunnel
}

/// What the proxy says about a call in the head of its answer, where the function did not say it.
struct AnswerFacts {
    let callID: CallID
    /// Nanoseconds since 1970.
    let startTime: UInt64
    /// From the request's head to the answer's, in nanoseconds.
    let duration: UInt64
    let servedBy: [UInt8]
    /// `Date`
    let date: [UInt8]
}

/// Writes the head that the client gets: the replica's bytes with only what must change changed.
struct ResponseRewriter {
    let head: ResponseHead
    /// The replica's head.
    let bytes: Bytes
    let framing: ClientFraming
    /// What the client is told about its connection; `nil` where its version says so by itself.
    let connection: StaticString?
    /// `nil` for an interim answer, which says nothing about the call.
    let facts: AnswerFacts?

    /// More than the head can have; what we add is less than 512 bytes, apart from the values counted here.
    private var capacity: Int {
        guard let facts else { return 2 * head.length + 512 }
        return 2 * head.length + facts.callID.count + facts.servedBy.count + facts.date.count + 512
    }

    func write(to buffer: inout ByteBuffer) {
        buffer.append(capacity: capacity) { writer in
            writer.write("HTTP/1.1 ")
            writer.write(bytes.part(head.statusText))
            // The space must be there even if the reason is empty (RFC 9112 §4).
            if head.statusText.count == 3 { writer.write(byte: .space) }
            writer.writeLineEnd()
            let missing = writeFields(&writer)
            writeFraming(&writer)
            if let facts { write(facts, where: missing, to: &writer) }
            writer.writeLineEnd()
        }
    }

    /// Which facts the function did not give itself.
    private struct Missing {
        var callID = true
        var startTime = true
        var duration = true
        var servedBy = true
        var date = true
    }

    private func writeFields(_ writer: inout ByteWriter) -> Missing {
        var missing = Missing()
        var kept = head.fieldsStart
        for field in head.fields {
            switch field.kind {
            case .callID: missing.callID = false
            case .startTime: missing.startTime = false
            case .durationSeconds: missing.duration = false
            case .servedBy: missing.servedBy = false
            case .date: missing.date = false
            case .connection, .hopByHop, .transferEncoding, .contentLength, .upgrade:
                writer.write(bytes.part(kept..<Int(field.start)))
                kept = Int(field.end)
            case .other where head.connection.namesFields:
                guard head.fields.connectionNames(field, bytes) else { continue }
                writer.write(bytes.part(kept..<Int(field.start)))
                kept = Int(field.end)
            case .other, .host, .expect, .forwardedFor, .forwardedHost, .forwardedProto: continue
            }
        }
        writer.write(bytes.part(kept..<head.length - 2))
        return missing
    }

    private func writeFraming(_ writer: inout ByteWriter) {
        switch framing {
        case .length, .none:
            if let length = head.connection.contentLength, head.status >= 200, head.status != 204 {
                writer.write("Content-Length: ")
                writer.write(decimal: UInt64(length))
                writer.writeLineEnd()
            }
        case .chunked, .madeChunked:
            writer.write("Transfer-Encoding: chunked\r\n")
        case .tunnel:
            writer.write("Upgrade: websocket\r\n")
        case .untilClose:
            break
        }
        if let connection {
            writer.write("Connection: ")
            writer.write(connection)
            writer.writeLineEnd()
        }
    }

    private func write(_ facts: AnswerFacts, where missing: Missing, to writer: inout ByteWriter) {
        if missing.callID {
            writer.write("X-Call-Id: ")
            facts.callID.write(to: &writer)
            writer.writeLineEnd()
        }
        if missing.startTime {
            writer.write("X-Start-Time: ")
            writer.write(decimal: facts.startTime)
            writer.writeLineEnd()
        }
        if missing.duration {
            writer.write("X-Duration-Seconds: ")
            writer.write(decimal: facts.duration / 1_000_000_000)
            writer.write(byte: .dot)
            writer.write(decimal: facts.duration / 1_000 % 1_000_000, width: 6)
            writer.writeLineEnd()
        }
        if missing.servedBy {
            writer.write("X-Served-By: ")
            writer.write(facts.servedBy)
            writer.writeLineEnd()
        }
        if missing.date {
            writer.write("Date: ")
            writer.write(facts.date)
            writer.writeLineEnd()
        }
    }
}

extension ResponseHead {
    /// How the body must be framed for a client, given how the replica frames it.
    func framing(_ body: BodyFraming, forHTTP11 isHTTP11: Bool) -> ClientFraming {
        if status == 101 { return .tunnel }
        switch body {
        case .length(0): return .none
        case .length: return .length
        case .chunked: return isHTTP11 ? .chunked : .untilClose
        case .untilClose: return isHTTP11 ? .madeChunked : .untilClose
        }
    }
}
