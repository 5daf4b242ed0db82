import Testing

/// A request that must be refused, whatever stands behind it.
struct RefusedRequest: Sendable, CustomTestStringConvertible {
    let name: String
    let status: Int
    let bytes: String

    var testDescription: String { name }

    init(_ name: String, _ status: Int, _ bytes: String) {
        self.name = name
        self.status = status
        self.bytes = bytes
    }

    /// A POST to the function with these fields.
    private static func post(_ name: String, _ status: Int, _ fields: String, _ body: String = "") -> RefusedRequest {
        RefusedRequest(name, status, "POST /function/f HTTP/1.1\r\nHost: a\r\n\(fields)\r\n\r\n\(body)")
    }

    private static let endOfChunks = "0\r\n\r\n"

    static let lengths = [
        post("two different lengths", 400, "Content-Length: 5\r\nContent-Length: 0", "hello"),
        post("a list of equal lengths", 400, "Content-Length: 5, 5", "hello"),
        post("a list of different lengths", 400, "Content-Length: 5, 0", "hello"),
        post("a length with a plus", 400, "Content-Length: +5", "hello"),
        post("a length with a minus", 400, "Content-Length: -5", "hello"),
        post("a length in hexadecimal digits", 400, "Content-Length: 0x5", "hello"),
        post("a length with letters", 400, "Content-Length: 5a", "hello"),
        post("a length with a space inside", 400, "Content-Length: 5 0", "hello"),
        post("a length with an underscore", 400, "Content-Length: 1_0", "hello"),
        post("a length with a point", 400, "Content-Length: 5.0", "hello"),
        post("an empty length", 400, "Content-Length:", "hello"),
        post("a length with a vertical tab", 400, "Content-Length: \u{B}5", "hello"),
        post("a length of 2^64 + 5", 400, "Content-Length: 18446744073709551621", "hello"),
        post("a length in digits that are not ASCII", 400, "Content-Length: \u{FF15}", "hello"),
        post("a space before the colon of a length", 400, "Content-Length : 5", "hello"),
        post("a length and a second one with a space before the colon", 400, "Content-Length: 5\r\nContent-Length : 0"),
        post("a length on a folded line", 400, "Content-Length:\r\n 5", "hello"),
    ]

    static let codings = [
        post("a length, then chunks", 400, "Content-Length: 5\r\nTransfer-Encoding: chunked", endOfChunks),
        post("chunks, then a length", 400, "Transfer-Encoding: chunked\r\nContent-Length: 5", endOfChunks),
        post("a length and an unknown coding", 400, "Content-Length: 5\r\nTransfer-Encoding: x", "hello"),
        post("an unknown coding and a length", 501, "Transfer-Encoding: x\r\nContent-Length: 5", "hello"),
        post("chunked and identity", 501, "Transfer-Encoding: chunked, identity", endOfChunks),
        post("identity and chunked", 501, "Transfer-Encoding: identity, chunked", endOfChunks),
        post("identity alone", 501, "Transfer-Encoding: identity", "hello"),
        post("chunked in two fields", 501, "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", endOfChunks),
        post("chunked and identity in two fields", 501, "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity"),
        post("chunked in a list of itself", 501, "Transfer-Encoding: chunked, chunked", endOfChunks),
        post("a list with an empty element", 501, "Transfer-Encoding: ,chunked", endOfChunks),
        post("xchunked", 501, "Transfer-Encoding: xchunked", endOfChunks),
        post("chunkedx", 501, "Transfer-Encoding: chunkedx", endOfChunks),
        post("chunked with a parameter", 501, "Transfer-Encoding: chunked;q=1", endOfChunks),
        post("chunked in quotes", 501, "Transfer-Encoding: \"chunked\"", endOfChunks),
        post("an empty coding", 501, "Transfer-Encoding:", endOfChunks),
        post("chunked with a vertical tab behind it", 400, "Transfer-Encoding: chunked\u{B}", endOfChunks),
        post("chunked with a vertical tab before it", 400, "Transfer-Encoding: \u{B}chunked", endOfChunks),
        post("chunked with NUL behind it", 400, "Transfer-Encoding: chunked\u{0}", endOfChunks),
        post("chunked with a no-break space", 501, "Transfer-Encoding: \u{A0}chunked", endOfChunks),
        post("a space before the colon of a coding", 400, "Transfer-Encoding : chunked", endOfChunks),
        post("a tab before the colon of a coding", 400, "Transfer-Encoding\t: chunked", endOfChunks),
        post("a coding on a folded line", 501, "Transfer-Encoding:\r\n chunked", endOfChunks),
        post("a coding behind a bare line feed", 400, "X: a\nTransfer-Encoding: chunked", endOfChunks),
        post("a coding behind a bare carriage return", 400, "X: a\rTransfer-Encoding: chunked", endOfChunks),
        RefusedRequest(
            "chunks of HTTP/1.0", 501, "POST /function/f HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n\(endOfChunks)"),
    ]

    static let lines = [
        RefusedRequest("bare line feeds", 400, "GET /function/f HTTP/1.1\nHost: a\n\n"),
        RefusedRequest("a bare line feed at the end", 400, "GET /function/f HTTP/1.1\r\nHost: a\r\n\n"),
        RefusedRequest("bare carriage returns", 400, "GET /function/f HTTP/1.1\rHost: a\r\r\n\r\n"),
        post("NUL in a value", 400, "X: a\u{0}b"), post("NUL in a name", 400, "X\u{0}: a"),
        RefusedRequest("NUL in the target", 400, "GET /function/f\u{0} HTTP/1.1\r\nHost: a\r\n\r\n"),
        post("a folded field", 400, "X: a\r\n b"), post("a field folded by a tab", 400, "X: a\r\n\tb"),
        RefusedRequest("a space before the first field", 400, "GET /function/f HTTP/1.1\r\n Host: a\r\n\r\n"),
        post("a field without a colon", 400, "X"), post("a field without a name", 400, ": x"),
        post("a space in a name", 400, "X Y: a"), post("parentheses in a name", 400, "X(Y): a"),
    ]

    static let requestLines = [
        RefusedRequest("absolute form with https", 400, "GET https://b/function/f HTTP/1.1\r\nHost: a\r\n\r\n"),
        RefusedRequest("absolute form with a user", 400, "GET http://u@b/function/f HTTP/1.1\r\nHost: a\r\n\r\n"),
        RefusedRequest("a missing Host", 400, "GET /function/f HTTP/1.1\r\n\r\n"),
        RefusedRequest("two different Hosts", 400, "GET /function/f HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"),
        RefusedRequest("two equal Hosts", 400, "GET /function/f HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"),
        RefusedRequest("a list of Hosts", 400, "GET /function/f HTTP/1.1\r\nHost: a b\r\n\r\n"),
        RefusedRequest("CONNECT in authority form", 405, "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n"),
        RefusedRequest("GET in authority form", 400, "GET a:443 HTTP/1.1\r\nHost: a\r\n\r\n"),
        RefusedRequest("HTTP/0.9", 400, "GET /function/f\r\n\r\n"),
        RefusedRequest("HTTP/0.9 with its version", 505, "GET /function/f HTTP/0.9\r\nHost: a\r\n\r\n"),
        RefusedRequest("the preface of HTTP/2", 505, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        RefusedRequest("HTTP/1.2", 505, "GET /function/f HTTP/1.2\r\nHost: a\r\n\r\n"),
        RefusedRequest("HTTP/11", 400, "GET /function/f HTTP/11\r\nHost: a\r\n\r\n"),
        RefusedRequest("HTTP/1.10", 400, "GET /function/f HTTP/1.10\r\nHost: a\r\n\r\n"),
        RefusedRequest("a version in lower case", 400, "GET /function/f http/1.1\r\nHost: a\r\n\r\n"),
        RefusedRequest("a word too many", 400, "GET /function/f x HTTP/1.1\r\nHost: a\r\n\r\n"),
        RefusedRequest("a tab in place of a space", 400, "GET\t/function/f HTTP/1.1\r\nHost: a\r\n\r\n"),
        RefusedRequest("two empty lines before it", 400, "\r\n\r\nGET /function/f HTTP/1.1\r\nHost: a\r\n\r\n"),
        RefusedRequest("a greeting of TLS", 400, "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\u{0}\u{1}"),
    ]

    static let large = [
        RefusedRequest(
            "a method of 10 kB", 400,
            String(repeating: "M", count: 10_000) + " /function/f HTTP/1.1\r\nHost: a\r\n\r\n"),
        RefusedRequest(
            "a target of 20 kB", 414,
            "GET /function/f/" + String(repeating: "x", count: 20_000) + " HTTP/1.1\r\nHost: a\r\n\r\n"),
        post("a field of 100 kB", 431, "X: " + String(repeating: "x", count: 100_000)),
        post("a name of 100 kB", 431, String(repeating: "x", count: 100_000) + ": x"),
        post("10,000 fields", 431, String(repeating: "A: b\r\n", count: 9_999) + "A: b"),
    ]

    static let small = lengths + codings + lines + requestLines
}
