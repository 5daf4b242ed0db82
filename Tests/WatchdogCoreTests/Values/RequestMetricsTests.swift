import Testing

@testable import WatchdogCore

@Suite struct RequestMetricsTests {
    private func count(_ method: String, _ status: Int) -> RequestCount {
        RequestCount(method: withBytes(method) { RequestMetrics.Method($0) }, began: .now(), status: status)
    }

    @Test func writesThePage() {
        let metrics = RequestMetrics()
        #expect(metrics.page(inflight: 2).hasSuffix(" http_requests_in_flight gauge\nhttp_requests_in_flight 2\n"))
        metrics.add(count("GET", 200), duration: .milliseconds(5))
        metrics.add(count("GET", 200), duration: .milliseconds(6))
        metrics.add(count("GET", 200), duration: .seconds(11))
        metrics.add(count("PROPFIND", 499), duration: .zero)
        let lines = metrics.page(inflight: 0).split(separator: "\n")
        for line in [
            "http_requests_in_flight 0",
            "http_requests_total{code=\"200\",method=\"get\"} 3",
            "http_requests_total{code=\"499\",method=\"unknown\"} 1",
            "http_request_duration_seconds_bucket{code=\"200\",method=\"get\",le=\"0.005\"} 1",
            "http_request_duration_seconds_bucket{code=\"200\",method=\"get\",le=\"0.01\"} 2",
            "http_request_duration_seconds_bucket{code=\"200\",method=\"get\",le=\"10\"} 2",
            "http_request_duration_seconds_bucket{code=\"200\",method=\"get\",le=\"+Inf\"} 3",
            "http_request_duration_seconds_sum{code=\"200\",method=\"get\"} 11.011000",
            "http_request_duration_seconds_count{code=\"200\",method=\"get\"} 3",
        ] as [Substring] {
            #expect(lines.contains(line), "\(line) is missing")
        }
        #expect(lines.count == 6 + 1 + 2 * (1 + 14))
    }
}
