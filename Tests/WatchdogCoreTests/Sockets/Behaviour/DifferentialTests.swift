import Glibc
import Testing

/// The same requests to our watchdog and, where they are there, to OpenFaaS's.
///
/// `FAASD_TEST_CLASSIC_WATCHDOG` and `FAASD_TEST_OF_WATCHDOG` are paths of theirs. They always want port 8081, so they
/// run one at a time, and nothing else may have that port.
@Suite(.serialized) struct DifferentialTests {
    private static let table = Behaviour.forking + Behaviour.streaming + Behaviour.serving + Behaviour.files
    private static let theirs = Behaviour.Peer.allCases.filter { binary(of: $0) != nil }

    private static func binary(of peer: Behaviour.Peer) -> String? {
        getenv(peer.rawValue).map { String(cString: $0) }
    }

    @Test(arguments: table) func answersAsTheTableSays(behaviour: Behaviour) throws {
        try check(behaviour, peer: nil)
    }

    @Test(.enabled(if: !theirs.isEmpty), arguments: theirs) func findsThemAsTheTableSays(peer: Behaviour.Peer) throws {
        for behaviour in Self.table where behaviour.peers.contains(peer) { try check(behaviour, peer: peer) }
    }

    private func check(_ behaviour: Behaviour, peer: Behaviour.Peer?) throws {
        let served = try ServedFunction(
            behaviour.function, behaviour.variables, binary: peer.flatMap { Self.binary(of: $0) })
        let answer = try served.watchdog.call(behaviour.wire)
        let differences = behaviour.expected(from: peer).differences(from: answer)
        let reason = behaviour.others.first { $0.peer == peer }?.reason ?? "no difference known"
        #expect(differences.isEmpty, "\(behaviour.name), \(peer?.rawValue ?? "ours"), \(reason)")
    }

    /// What takes a second client to see.
    @Test(arguments: [nil] + Behaviour.Peer.allCases) func limitsCalls(peer: Behaviour.Peer?) throws {
        let binary = peer.flatMap { Self.binary(of: $0) }
        if peer != nil, binary == nil { return }
        let served = try ServedFunction(
            .command("cat"), ["mode": "serializing", "max_inflight": "1"], binary: binary)
        var first = try served.watchdog.client()
        // Which of two that come together is the first is not said: then it is the other that is refused.
        let isFull = try eventually {
            first = try served.watchdog.client()
            try first.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\na")
            return try served.watchdog.get().status == 429
        }
        try #require(isFull)
        let refused = try served.watchdog.get()
        #expect(refused.text == "Concurrent request limit exceeded. Max concurrent requests: 1\n")
        #expect(refused.header("Content-Type") == "text/plain")
        #expect(refused.header("X-Openfaas-Internal") == "faas-middleware")
        #expect(try served.watchdog.get("/_/health").status == 200)
        // The classic watchdog has no /_/ready: it is a call like others, and so refused as well.
        #expect(try served.watchdog.get("/_/ready").status == 429)
        try first.send("b")
        #expect(try first.response().text == "ab")
    }

    @Test(arguments: [nil] + Behaviour.Peer.allCases) func countsCalls(peer: Behaviour.Peer?) throws {
        let binary = peer.flatMap { Self.binary(of: $0) }
        if peer != nil, binary == nil { return }
        let port = binary == nil ? try EchoServer.freePort() : 8081
        let served = try ServedFunction(
            .command("cat"), ["mode": "serializing", "metrics_port": "\(port)"], binary: binary)
        for _ in 0..<3 { #expect(try served.watchdog.post("x").status == 200) }
        let client = try HTTPClient(port: port)
        try client.send("GET /metrics HTTP/1.1\r\nHost: h\r\n\r\n")
        let page = try client.response().text
        #expect(page.contains("http_requests_total{code=\"200\",method=\"post\"} 3\n"))
        #expect(page.contains("http_request_duration_seconds_bucket{code=\"200\",method=\"post\",le=\"+Inf\"} 3\n"))
        #expect(page.contains("http_requests_in_flight 0\n"))
        #expect(!page.contains("method=\"get\""), "health is not counted")
    }
}
