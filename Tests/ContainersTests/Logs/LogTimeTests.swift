import Testing

@testable import Containers

@Suite struct LogTimeTests {
    @Test(arguments: [
        ("2023-11-14T22:13:20Z", 1_700_000_000, 0),
        ("2023-11-14T22:13:20.000000042Z", 1_700_000_000, 42),
        ("2023-11-14t22:13:20.5z", 1_700_000_000, 500_000_000),
        ("2023-11-14T22:13:20.1234567899999Z", 1_700_000_000, 123_456_789),
        ("2023-11-15T03:43:20+05:30", 1_700_000_000, 0),
        ("2023-11-14T21:13:20.25-01:00", 1_700_000_000, 250_000_000),
        ("1970-01-01T00:00:00Z", 0, 0),
        ("1969-12-31T23:59:59.9Z", -1, 900_000_000),
        ("2024-02-29T00:00:00Z", 1_709_164_800, 0),
        ("0000-01-01T00:00:00+23:59", -62_167_219_200, 0),
    ])
    func read(text: String, seconds: Int, nanoseconds: Int) {
        #expect(LogTime(rfc3339: text) == LogTime(seconds: seconds, nanoseconds: nanoseconds))
    }

    @Test(arguments: [
        "", "now", "2023-11-14", "2023-11-14T22:13:20", "2023-11-14 22:13:20Z", "2023-11-14T22:13Z",
        "2023-11-14T22:13:20.Z", "2023-11-14T22:13:20+0100", "2023-11-14T22:13:20+01:60", "2023-11-14T24:00:00Z",
        "2023-13-14T22:13:20Z", "2023-00-14T22:13:20Z", "2023-11-31T22:13:20Z", "2023-02-29T22:13:20Z",
        "1900-02-29T00:00:00Z", "2023-11-00T22:13:20Z", "2023-11-14T22:60:20Z", "2023-11-14T22:13:60Z",
        "2023-11-14T22:13:20Zx", "23-11-14T22:13:20Z", "+023-11-14T22:13:20Z", "2023-11-14T22:13:20.-1Z",
        "2023-11-14T22:13:20." + String(repeating: "1", count: 1000) + "Z",
    ])
    func malformed(text: String) {
        #expect(LogTime(rfc3339: text) == nil)
    }

    @Test func written() {
        #expect(LogTime(seconds: 1_700_000_000, nanoseconds: 42).rfc3339 == "2023-11-14T22:13:20.000000042Z")
        #expect(LogTime(seconds: .min, nanoseconds: 0).rfc3339 == "0000-01-01T00:00:00.000000000Z")
        #expect(LogTime(seconds: .max, nanoseconds: 0).rfc3339 == "9999-12-31T23:59:59.000000000Z")
        #expect(LogTime(microseconds: .max).rfc3339.hasPrefix("9999-12-31"))
        let now = LogTime.now
        #expect(LogTime(rfc3339: now.rfc3339) == now)
    }

    @Test func order() {
        let time = LogTime(seconds: 10, nanoseconds: 5)
        #expect(time < LogTime(seconds: 10, nanoseconds: 6))
        #expect(time > time.adding(seconds: -1))
        #expect(time.adding(seconds: 300) == LogTime(seconds: 310, nanoseconds: 5))
        #expect(time.adding(seconds: .max) > time)
        #expect(time.adding(seconds: .min) < time)
    }
}
