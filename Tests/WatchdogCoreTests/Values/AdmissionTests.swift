import Testing

@testable import WatchdogCore

@Suite struct AdmissionTests {
    private func decide(
        _ method: String, _ path: String, healthy: Bool = true, inflight: Int = 0, limit: Int = 0,
        ready: String? = nil, functionReady: Bool = true
    ) -> Admission.Decision {
        let admission = Admission(maxInflight: limit, readyPath: ready)
        return withBytes(method) { method in
            withBytes(path) {
                admission.decide(
                    method: method, path: $0, isHealthy: healthy, inflight: inflight, isFunctionReady: functionReady)
            }
        }
    }

    @Test func answersHealth() {
        #expect(decide("GET", "/_/health") == .answer(Reply(status: .ok, body: "OK")))
        #expect(decide("GET", "/_/health", healthy: false) == .answer(Reply(status: .unavailable)))
        #expect(decide("POST", "/_/health") == .answer(Reply.onlyAllows("GET")))
        #expect(decide("GET", "/_/health", inflight: 9, limit: 9) == .answer(Reply(status: .ok, body: "OK")))
        #expect(decide("GET", "/_/healthy") == .call(replacingPath: nil))
    }

    @Test func answersReadiness() {
        #expect(decide("GET", "/_/ready") == .answer(Reply(status: .ok)))
        #expect(decide("GET", "/_/ready", healthy: false, ready: "/r") == .answer(Reply(status: .unavailable)))
        #expect(decide("GET", "/_/ready", functionReady: false) == .answer(Reply(status: .unavailable)))
        #expect(decide("GET", "/_/health", functionReady: false) == .answer(Reply(status: .ok, body: "OK")))
        let full = Admission.Decision.answer(Reply(status: .tooManyRequests))
        #expect(decide("GET", "/_/ready", inflight: 2, limit: 2, ready: "/r") == full)
        #expect(decide("GET", "/_/ready", ready: "/r") == .call(replacingPath: "/r"))
        #expect(decide("HEAD", "/_/ready") == .answer(Reply.onlyAllows("GET")))
    }

    @Test func limitsCalls() {
        #expect(decide("GET", "/", inflight: 1, limit: 2) == .call(replacingPath: nil))
        #expect(decide("GET", "/", inflight: 1000) == .call(replacingPath: nil))
        let body = "Concurrent request limit exceeded. Max concurrent requests: 2\n"
        let refusal = Reply(
            status: .tooManyRequests, body: body, contentType: "text/plain", origin: .middleware)
        #expect(decide("GET", "/", inflight: 2, limit: 2) == .refuse(refusal))
    }
}
