import NIOCore

#if canImport(Proxy)
    @testable import Proxy
#endif

/// Room for what the proxy adds.
private let rewrittenLimits = HeadLimits(bytes: 8192, fields: 64, targetBytes: 4096)

/// What a replica gets.
enum RewriteProperty {
    private static let host = Array("10.62.0.2:8080".utf8)

    static func check(_ input: [UInt8]) throws {
        guard let head = RequestProperty.accepted(input) else { return }
        let client = try NaiveHead(Array(input[..<head.length]))
        let buffer = rewritten(head, input)
        let output = Array(buffer.readableBytesView)
        try checkOutput(output, host: host, head: head, client: client)
        let other = Array("[fd00::2]:80".utf8)
        let moved = RequestRewriter.replaceHost(in: buffer, from: host, with: other)
        try checkOutput(Array(moved.readableBytesView), host: other, head: head, client: client)
    }

    private static func rewritten(_ head: RequestHead, _ input: [UInt8]) -> ByteBuffer {
        var buffer = ByteBuffer()
        input.withUnsafeBytes { bytes in
            // Only functions are called this way; another target is treated as the path of one.
            let path = FunctionPath(bytes, target: head.target)?.rest ?? head.target
            RequestRewriter(
                head: head, bytes: bytes, pathPrefix: [], path: path, host: host, peer: Array("192.0.2.7".utf8),
                callID: head.givenCallID(bytes) ?? .made(1, 2), startTime: 1_700_000_000_000_000_000
            ).write(to: &buffer)
        }
        return buffer
    }

    private static func checkOutput(_ output: [UInt8], host: [UInt8], head: RequestHead, client: NaiveHead) throws {
        guard let again = RequestProperty.accepted(output, limits: rewrittenLimits) else {
            throw Violation(description: "our own head is refused: \(String(decoding: output, as: UTF8.self))")
        }
        try Violation.unless(again.length == output.count, "there are bytes behind the head")
        let naive = try NaiveHead(output)
        try naive.checkFraming(head.connection)
        try Violation.unless(naive.values("content-length").count <= 1, "two lengths are passed on")
        try Violation.unless(naive.values("host") == [String(decoding: host, as: UTF8.self)], "not exactly one Host")
        try naive.checkAbsent(NaiveHead.hopByHop + ["expect"])
        try Violation.unless(
            naive.values("connection") == (head.upgradesToWebSocket ? ["Upgrade"] : []), "Connection was passed on")
        try Violation.unless(
            naive.values("upgrade") == (head.upgradesToWebSocket ? ["websocket"] : []), "Upgrade was passed on")
        try naive.checkAbsent(client.namedByConnection())
        for name in ["x-call-id", "x-start-time", "x-forwarded-for"] {
            try Violation.unless(naive.values(name).count == 1, "not exactly one \(name)")
        }
        try Violation.unless(again.methodRange.count == head.methodRange.count, "another method")
        try Violation.unless(again.target.count <= head.target.count + 1, "a longer target")
    }
}

/// What a client gets.
enum AnswerProperty {
    static func check(_ input: [UInt8]) throws {
        guard let head = ResponseProperty.accepted(input) else { return }
        let replica = try NaiveHead(Array(input[..<head.length]))
        for method in [RequestMethod.get, .head] {
            for isHTTP11 in [true, false] {
                let framing =
                    head.isInterim ? .none : head.framing(head.body(answering: method), forHTTP11: isHTTP11)
                try check(head, input, framing, replica)
            }
        }
    }

    private static func check(
        _ head: ResponseHead, _ input: [UInt8], _ framing: ClientFraming, _ replica: NaiveHead
    ) throws {
        var buffer = ByteBuffer()
        input.withUnsafeBytes { bytes in
            ResponseRewriter(
                head: head, bytes: bytes, framing: framing, connection: framing == .tunnel ? "Upgrade" : "close",
                facts: head.isInterim
                    ? nil
                    : AnswerFacts(
                        callID: .made(1, 2), startTime: 1, duration: 2, servedBy: Array("faasd".utf8),
                        date: WallClock.text(second: 0))
            ).write(to: &buffer)
        }
        let output = Array(buffer.readableBytesView)
        guard let again = ResponseProperty.accepted(output, limits: rewrittenLimits) else {
            throw Violation(description: "our own head is refused: \(String(decoding: output, as: UTF8.self))")
        }
        try Violation.unless(again.length == output.count, "there are bytes behind the head")
        try Violation.unless(again.status == head.status, "another status")
        let naive = try NaiveHead(output)
        try checkFraming(naive, framing)
        try naive.checkAbsent(NaiveHead.hopByHop)
        try naive.checkAbsent(replica.namedByConnection())
        try Violation.unless(
            naive.values("connection") == [framing == .tunnel ? "Upgrade" : "close"], "Connection was passed on")
        try Violation.unless(
            naive.values("upgrade") == (framing == .tunnel ? ["websocket"] : []), "Upgrade was passed on")
    }

    private static func checkFraming(_ naive: NaiveHead, _ framing: ClientFraming) throws {
        let counts = (naive.values("content-length").count, naive.values("transfer-encoding").count)
        let isRight =
            switch framing {
            case .none: counts.0 <= 1 && counts.1 == 0
            case .length: counts == (1, 0)
            case .chunked, .madeChunked: counts == (0, 1)
            case .untilClose, .tunnel: counts == (0, 0)
            }
        try Violation.unless(isRight, "\(counts) fields of framing for \(framing)")
    }
}
