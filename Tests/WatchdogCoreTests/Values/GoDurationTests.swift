import Testing

@testable import WatchdogCore

@Suite struct GoDurationTests {
    @Test(
        arguments: [
            ("0", 0), ("30", 30_000_000_000), ("500ms", 500_000_000), ("1m30s", 90_000_000_000),
            ("1.5h", 5_400_000_000_000),
            (".5s", 500_000_000), ("1.s", 1_000_000_000), ("+2s", 2_000_000_000), ("10us", 10_000), ("10µs", 10_000),
            ("7ns", 7), ("0s", 0), ("1h0m0.001s", 3_600_001_000_000),
        ] as [(String, Int64)])
    func reads(text: String, nanoseconds: Int64) {
        #expect(GoDuration.parse(text)?.nanoseconds == nanoseconds)
    }

    @Test(arguments: [
        "", " ", "-1", "-1s", "s", ".s", "1 s", "1x", "1s ", "1.2.3s", "1e3s", "99999999999", "9999999h", "٣s", "1ms2",
        "+",
    ])
    func refuses(text: String) {
        #expect(GoDuration.parse(text) == nil)
    }

    @Test func spells() {
        #expect(GoDuration.text(.seconds(30)) == "30s")
        #expect(GoDuration.text(.milliseconds(1050)) == "1.05s")
        #expect(GoDuration.text(.milliseconds(500)) == "0.5s")
        #expect(GoDuration.text(.microseconds(50)) == "50us")
    }
}
