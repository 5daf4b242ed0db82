#if canImport(Proxy)
    @testable import Proxy
#endif

/// Heads of requests.
enum RequestProperty {
    static func check(_ input: [UInt8]) throws {
        let whole = verdict(input, ends: [])
        for ends in Arrival.ends(of: input) {
            let pieces = verdict(input, ends: ends)
            try Violation.unless(whole.agrees(with: pieces), "\(whole), but in pieces \(ends): \(pieces)")
        }
        guard let head = accepted(input) else { return }
        try checkAccepted(head, Array(input[..<head.length]))
    }

    private static func verdict(_ input: [UInt8], ends: [Int]) -> Verdict {
        var parser = RequestHeadParser(limits: ParserProperty.limits)
        return Verdict.of(input, ends: ends) { part throws(HeadFault) in
            guard case .complete = try parser.parse(part) else { return nil }
            return numbers(parser.head)
        }
    }

    private static func numbers(_ head: RequestHead) -> [Int] {
        let (authority, host) = (head.authority ?? 0..<0, head.host ?? 0..<0)
        return [
            head.methodRange.lowerBound, head.methodRange.upperBound, head.target.lowerBound, head.target.upperBound,
            authority.lowerBound, authority.upperBound, host.lowerBound, host.upperBound, head.isHTTP11 ? 1 : 0,
            head.expectsContinue ? 1 : 0, head.fieldsStart, head.length,
        ] + head.connection.numbers + head.fields.numbers
    }

    /// The head, if it is accepted.
    static func accepted(_ input: [UInt8], limits: HeadLimits = ParserProperty.limits) -> RequestHead? {
        var parser = RequestHeadParser(limits: limits)
        guard case .complete? = try? input.withUnsafeBytes({ try parser.parse($0) }) else { return nil }
        return parser.head
    }

    /// What no accepted head may have.
    private static func checkAccepted(_ head: RequestHead, _ bytes: [UInt8]) throws {
        try Violation.unless(head.length <= ParserProperty.limits.bytes, "longer than allowed")
        let naive = try NaiveHead(bytes)
        try naive.checkFraming(head.connection)
        try Violation.unless(naive.fields.count == head.fields.count, "fields were missed or made up")
        let hosts = naive.values("host").count
        try Violation.unless(head.isHTTP11 ? hosts == 1 : hosts <= 1, "\(hosts) fields Host were accepted")
        try Violation.unless(head.isHTTP11 || !head.connection.isChunked, "chunks of HTTP/1.0 were accepted")
        let words = naive.startLine.split(separator: 32, omittingEmptySubsequences: false).map(Array.init)
        try Violation.unless(words.count == 3, "a request line of \(words.count) words was accepted")
        try Violation.unless(words[0] == Array(bytes[head.methodRange]), "the method was misread")
        try Violation.unless(
            words[2] == Array((head.isHTTP11 ? "HTTP/1.1" : "HTTP/1.0").utf8), "the version was misread")
        let target = Array(bytes[head.target])
        try Violation.unless(target.first == 0x2F || target == [0x2A], "a target that is no path: \(target)")
        try Violation.unless(words[1].suffix(target.count).elementsEqual(target), "the target was misread")
    }
}

/// Heads of answers.
enum ResponseProperty {
    static func check(_ input: [UInt8]) throws {
        let whole = verdict(input, ends: [])
        for ends in Arrival.ends(of: input) {
            let pieces = verdict(input, ends: ends)
            try Violation.unless(whole.agrees(with: pieces), "\(whole), but in pieces \(ends): \(pieces)")
        }
        guard let head = accepted(input) else { return }
        let naive = try NaiveHead(Array(input[..<head.length]))
        try naive.checkFraming(head.connection)
        try Violation.unless(naive.fields.count == head.fields.count, "fields were missed or made up")
        try Violation.unless((100...999).contains(head.status), "status \(head.status) was accepted")
        let status = Array("HTTP/1.\(head.isHTTP11 ? 1 : 0) \(head.status)".utf8)
        try Violation.unless(naive.startLine.starts(with: status), "the status line was misread")
    }

    private static func verdict(_ input: [UInt8], ends: [Int]) -> Verdict {
        var parser = ResponseHeadParser(limits: ParserProperty.limits)
        return Verdict.of(input, ends: ends) { part throws(HeadFault) in
            guard case .complete = try parser.parse(part) else { return nil }
            let head = parser.head
            return [
                head.status, head.statusText.lowerBound, head.statusText.upperBound, head.isHTTP11 ? 1 : 0,
                head.fieldsStart, head.length,
            ] + head.connection.numbers + head.fields.numbers
        }
    }

    /// The head, if it is accepted.
    static func accepted(_ input: [UInt8], limits: HeadLimits = ParserProperty.limits) -> ResponseHead? {
        var parser = ResponseHeadParser(limits: limits)
        guard case .complete? = try? input.withUnsafeBytes({ try parser.parse($0) }) else { return nil }
        return parser.head
    }
}
