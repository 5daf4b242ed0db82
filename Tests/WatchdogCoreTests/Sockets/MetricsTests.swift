import Glibc
import Testing

@Suite struct MetricsTests {
    private func port(_ watchdog: RunningWatchdog) throws -> UInt16 {
        let line = try #require(watchdog.logLines.first { $0.contains("Metrics listening on port: ") })
        return try #require(UInt16(line.split(separator: " ").last ?? ""))
    }

    private func page(_ port: UInt16) throws -> HTTPClient.Response {
        let client = try HTTPClient(port: port)
        try client.send("GET /metrics HTTP/1.1\r\nHost: h\r\n\r\n")
        return try client.response()
    }

    @Test func countsRequestsOfTheFunction() throws {
        let watchdog = try RunningWatchdog(
            sh: "cat; test \"$Http_Path\" != /fail", ["metrics_port": "0", "max_inflight": "1"])
        let port = try port(watchdog)
        for path in ["/", "/", "/fail", "/_/health", "/_/ready"] { _ = try watchdog.get(path) }
        let busy = try watchdog.client()
        try busy.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\n")
        #expect(eventually { (try? watchdog.get("/_/ready").status) == 429 })
        #expect(try page(port).text.contains("\nhttp_requests_in_flight 1\n"))
        #expect(try watchdog.get().status == 429)
        try busy.send("abc")
        #expect(try busy.response().status == 200)
        let answer = try page(port)
        #expect(answer.header("Content-Type") == "text/plain; version=0.0.4; charset=utf-8")
        for line in [
            "http_requests_in_flight 0", "http_requests_total{code=\"200\",method=\"get\"} 2",
            "http_requests_total{code=\"500\",method=\"get\"} 1", "http_requests_total{code=\"429\",method=\"get\"} 1",
            "http_requests_total{code=\"200\",method=\"post\"} 1",
        ] as [Substring] {
            #expect(answer.text.split(separator: "\n").contains(line), "\(line) is missing in \(answer.text)")
        }
    }

    @Test func servesNothingElseThere() throws {
        let watchdog = try RunningWatchdog(["cat"], ["metrics_port": "0"])
        let client = try HTTPClient(port: try port(watchdog))
        try client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\nPOST /metrics HTTP/1.1\r\nHost: h\r\n\r\n")
        #expect(try client.response().status == 404)
        #expect(try client.response().status == 405)
        #expect(try watchdog.get("/metrics").status == 200)
        #expect(watchdog.waitForLog("Forking"))
    }

    @Test func leavesItsPortToTheFunction() throws {
        let port = try EchoServer.freePort()
        let watchdog = try RunningWatchdog(
            ["sleep", "300"],
            ["mode": "http", "upstream_url": "http://localhost:\(port)", "metrics_port": "\(port)"])
        #expect(watchdog.log.contains("port \(port) is the function's: no metrics"))
    }

    @Test func servesWithoutMetricsWhenThePortIsTaken() throws {
        let first = try RunningWatchdog(["cat"], ["metrics_port": "0"])
        let second = try RunningWatchdog(["cat"], ["metrics_port": "\(try port(first))"])
        #expect(second.log.contains("address already in use: no metrics"))
        #expect(try second.post("x").text == "x")
    }
}
