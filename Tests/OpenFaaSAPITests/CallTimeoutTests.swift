import OpenFaaSAPI
import Testing

struct GoDurationTests {
    @Test(arguments: [("10", 10_000), ("0", 0), ("500ms", 500), ("1m30s", 90_000), ("1.5h", 5_400_000)])
    func reads(text: String, milliseconds: Int) {
        #expect(GoDuration.parse(text) == .milliseconds(milliseconds))
    }

    @Test(arguments: ["", "-1", "1x", "s", "1 s", "10000h", "99999999999999999999", "1.2.3s"])
    func refuses(text: String) {
        #expect(GoDuration.parse(text) == nil)
    }
}

struct CallTimeoutTests {
    private func of(
        annotation: String? = nil, label: String? = nil, execTimeout: String? = nil
    ) -> Duration? {
        func with(_ key: String, _ value: String?) -> [String: String] { value.map { [key: $0] } ?? [:] }
        return CallTimeout.of(
            annotations: with("com.openfaas.timeout", annotation), labels: with("com.openfaas.timeout", label),
            environment: with("exec_timeout", execTimeout))
    }

    @Test func theAnnotationWinsOverTheLabelAndTheLabelOverTheWatchdog() {
        #expect(of(annotation: "5s", label: "6s", execTimeout: "7s") == .seconds(5))
        #expect(of(label: "6s", execTimeout: "7s") == .seconds(6))
        #expect(of() == nil)
    }

    @Test func aWatchdogHasASecondToSayThatTimeIsOver() {
        #expect(of(execTimeout: "7s") == .seconds(8))
        #expect(of(execTimeout: "90") == .seconds(91))
    }

    @Test(arguments: ["0", "0s", "soon", ""])
    func whatIsNoTimeSaysNothing(text: String) {
        #expect(of(execTimeout: text) == nil && of(annotation: text) == nil)
    }
}
