import OpenFaaSAPI
import Testing

struct CronExpressionTests {
    /// A schedule, and the runs after a time, all in UTC.
    struct Case: CustomTestStringConvertible {
        let schedule: String
        let zone: String
        let after: String
        let runs: [String]

        init(_ schedule: String, _ zone: String = "UTC", after: String, _ runs: String...) {
            (self.schedule, self.zone, self.after, self.runs) = (schedule, zone, after, runs)
        }

        var testDescription: String { "\(schedule) in \(zone) after \(after)" }
    }

    static let plain = [
        Case("* * * * *", after: "2026-11-24T12:00:00Z", "2026-11-24T12:01:00Z", "2026-11-24T12:02:00Z"),
        Case("* * * * *", after: "2026-11-24T11:59:59Z", "2026-11-24T12:00:00Z"),
        Case("*/15 * * * *", after: "2026-11-24T12:46:00Z", "2026-11-24T13:00:00Z", "2026-11-24T13:15:00Z"),
        Case("5/20 * * * *", after: "2026-11-24T12:00:00Z", "2026-11-24T12:05:00Z", "2026-11-24T12:25:00Z"),
        Case("0 9-17/4 * * MON-FRI", after: "2026-11-27T17:00:00Z", "2026-11-30T09:00:00Z", "2026-11-30T13:00:00Z"),
        Case("30 6 1,15 * *", after: "2026-11-24T00:00:00Z", "2026-12-01T06:30:00Z", "2026-12-15T06:30:00Z"),
        Case("0 0 1 jan *", after: "2026-11-24T00:00:00Z", "2027-01-01T00:00:00Z", "2028-01-01T00:00:00Z"),
        Case("0 0 * * 0", after: "2026-11-24T00:00:00Z", "2026-11-29T00:00:00Z"),
        Case("0 0 * * 7", after: "2026-11-24T00:00:00Z", "2026-11-29T00:00:00Z"),
        Case("0 0 * * Fri-Sun", after: "2026-11-24T00:00:00Z", "2026-11-27T00:00:00Z", "2026-11-28T00:00:00Z"),
        Case("0 0 * * ?", after: "2026-11-24T00:00:00Z", "2026-11-25T00:00:00Z"),
        // Both days restricted: either will do.
        Case("0 0 13 * 5", after: "2026-11-01T00:00:00Z", "2026-11-06T00:00:00Z", "2026-11-13T00:00:00Z"),
        Case("0 0 25 * 5", after: "2026-11-20T00:00:00Z", "2026-11-25T00:00:00Z", "2026-11-27T00:00:00Z"),
        // One of them begins with a star: both must match.
        Case("0 0 */2 * 1", after: "2026-11-24T00:00:00Z", "2026-12-07T00:00:00Z", "2026-12-21T00:00:00Z"),
        Case("0 0 29 2 *", after: "2026-01-01T00:00:00Z", "2028-02-29T00:00:00Z", "2032-02-29T00:00:00Z"),
        Case("0 0 29 2 *", after: "2096-03-01T00:00:00Z", "2104-02-29T00:00:00Z"),
        Case("0 0 29 2 */7", after: "2076-01-01T00:00:00Z", "2088-02-29T00:00:00Z"),
        Case("0 0 31 * *", after: "2026-04-01T00:00:00Z", "2026-05-31T00:00:00Z", "2026-07-31T00:00:00Z"),
        Case("0 0 31 4,5 *", after: "2026-01-01T00:00:00Z", "2026-05-31T00:00:00Z", "2027-05-31T00:00:00Z"),
        Case("0 0 30 2 1", after: "2026-01-01T00:00:00Z", "2026-02-02T00:00:00Z"),
        Case("59 23 31 12 *", after: "2026-12-31T23:59:00Z", "2027-12-31T23:59:00Z"),
        Case("@hourly", after: "2026-11-24T12:30:00Z", "2026-11-24T13:00:00Z"),
        Case("@daily", after: "2026-11-24T12:30:00Z", "2026-11-25T00:00:00Z"),
        Case("@midnight", after: "2026-11-24T12:30:00Z", "2026-11-25T00:00:00Z"),
        Case("@weekly", after: "2026-11-24T12:30:00Z", "2026-11-29T00:00:00Z"),
        Case("@monthly", after: "2026-11-24T12:30:00Z", "2026-12-01T00:00:00Z"),
        Case("@yearly", after: "2026-11-24T12:30:00Z", "2027-01-01T00:00:00Z"),
        Case("@every 90s", after: "2026-11-24T12:00:00Z", "2026-11-24T12:01:30Z", "2026-11-24T12:03:00Z"),
        Case("@every 1h30m", after: "2026-11-24T12:00:00Z", "2026-11-24T13:30:00Z"),
        Case("0 9 * * *", "Asia/Kolkata", after: "2026-11-24T00:00:00Z", "2026-11-24T03:30:00Z"),
        Case("0 9 * * *", "Pacific/Kiritimati", after: "2026-11-24T00:00:00Z", "2026-11-24T19:00:00Z"),
        Case("0 9 * * *", "Pacific/Pago_Pago", after: "2026-11-24T21:00:00Z", "2026-11-25T20:00:00Z"),
    ]

    static let changedClocks = [
        // Berlin goes from 2:00 to 3:00 on 2026-03-29 at 1:00 UTC: 2:30 is left out, and runs at the end of it.
        Case(
            "30 2 * * *", "Europe/Berlin", after: "2026-03-28T12:00:00Z", "2026-03-29T01:00:00Z",
            "2026-03-30T00:30:00Z"),
        Case("0,30 2 * * *", "Europe/Berlin", after: "2026-03-28T12:00:00Z", "2026-03-29T01:00:00Z"),
        Case(
            "0 2,3 * * *", "Europe/Berlin", after: "2026-03-28T12:00:00Z", "2026-03-29T01:00:00Z",
            "2026-03-30T00:00:00Z"),
        // What runs every so often has no such time.
        Case(
            "30 * * * *", "Europe/Berlin", after: "2026-03-29T00:00:00Z", "2026-03-29T00:30:00Z",
            "2026-03-29T01:30:00Z"),
        Case("*/30 2 * * *", "Europe/Berlin", after: "2026-03-28T12:00:00Z", "2026-03-30T00:00:00Z"),
        // Back from 3:00 to 2:00 on 2026-10-25 at 1:00 UTC: 2:30 comes twice.
        Case(
            "30 2 * * *", "Europe/Berlin", after: "2026-10-24T12:00:00Z", "2026-10-25T00:30:00Z",
            "2026-10-26T01:30:00Z"),
        Case(
            "30 * * * *", "Europe/Berlin", after: "2026-10-25T00:00:00Z", "2026-10-25T00:30:00Z",
            "2026-10-25T01:30:00Z", "2026-10-25T02:30:00Z"),
        Case(
            "30 2 * * *", "America/New_York", after: "2026-03-08T00:00:00Z", "2026-03-08T07:00:00Z",
            "2026-03-09T06:30:00Z"),
        Case(
            "30 1 * * *", "America/New_York", after: "2026-11-01T00:00:00Z", "2026-11-01T05:30:00Z",
            "2026-11-02T06:30:00Z"),
        // Half an hour only.
        Case(
            "15 2 * * *", "Australia/Lord_Howe", after: "2026-10-03T00:00:00Z", "2026-10-03T15:30:00Z",
            "2026-10-04T15:15:00Z"),
        // At midnight, so that a day begins at 1:00.
        Case(
            "0 0 * * *", "America/Asuncion", after: "2023-09-30T12:00:00Z", "2023-10-01T04:00:00Z",
            "2023-10-02T03:00:00Z"),
        // Back over midnight.
        Case(
            "30 23 * * *", "America/Asuncion", after: "2024-03-23T12:00:00Z", "2024-03-24T02:30:00Z",
            "2024-03-25T03:30:00Z"),
        // A whole day is left out.
        Case(
            "0 12 * * *", "Pacific/Apia", after: "2011-12-29T23:00:00Z", "2011-12-30T10:00:00Z",
            "2011-12-30T22:00:00Z"),
    ]

    @Test(arguments: plain + changedClocks) func runs(_ example: Case) throws {
        let schedule = try CronSchedule(example.schedule)
        let zone = try Zone(example.zone)
        var time = try Instant.parse(example.after)
        var runs: [String] = []
        for _ in example.runs {
            guard let next = schedule.next(after: time, in: zone) else { break }
            runs.append(Instant.text(next))
            time = next
        }
        #expect(runs == example.runs)
    }

    @Test(arguments: [
        ("", "five fields"), ("* * * *", "not 4"), ("* * * * * *", "not 6"), ("60 * * * *", "minute must be 0 to 59"),
        ("* 24 * * *", "hour must be 0 to 23"), ("* * 0 * *", "day of month must be 1 to 31"),
        ("* * * 13 *", "month must be 1 to 12 or JAN to DEC"),
        ("* * * * 8", "day of week must be 0 to 7 or SUN to SAT"),
        ("*/0 * * * *", "step of the minute"), ("*/90 * * * *", "step of the minute must be 1 to 59"),
        ("5-1 * * * *", "ends before it begins"), ("1,,2 * * * *", "minute must be"), ("-1 * * * *", "minute must be"),
        ("+1 * * * *", "minute must be"), ("1-2-3 * * * *", "minute must be"), ("*/2/2 * * * *", "step"),
        ("**  * * * *", "minute must be"), ("0 0 30 2 *", "never run"), ("0 0 31 4,6,9,11 *", "never run"),
        ("0 0 30-31 FEB ?", "never run"), ("@reboot", "not known"), ("@every", "not known"),
        ("@every 0s", "whole seconds"), ("@every 500ms", "whole seconds"), ("@every -5s", "whole seconds"),
        ("@every 999999h", "whole seconds"), ("@hourly 5", "not known"), ("1 * * * \u{0661}", "day of week"),
    ])
    func refusals(text: String, reason: String) {
        let error = #expect(throws: InvalidSchedule.self) { try CronSchedule(text) }
        #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
    }

    @Test func longTextsAreRefused() {
        let long = (0..<400).map { String($0 % 60) }.joined(separator: ",") + " * * * *"
        #expect(throws: InvalidSchedule.self) { try CronSchedule(long) }
    }
}
