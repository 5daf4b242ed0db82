import OpenFaaSAPI
import Testing

struct TriggerSettingsTests {
    private func isZone(_ name: String) -> Bool { ["Europe/Berlin", "Etc/GMT+5"].contains(name) }

    private func read(_ annotations: [String: String]) -> TriggerSettings {
        TriggerSettings(annotations: annotations, isZone: isZone)
    }

    private func problem(_ annotations: [String: String]) -> String? {
        TriggerSettings.problem(in: annotations, isZone: isZone)
    }

    @Test func whatTheCronConnectorTakes() throws {
        let cron = try #require(read(["topic": "cron-function", "schedule": "*/5 * * * *"]).cron)
        #expect(cron.zone == "UTC" && cron.missed == .once && cron.overlap == .allow && cron.body.isEmpty)
        #expect(cron.missedWithin == .seconds(86_400) && cron.text == "*/5 * * * *")
        for prefix in ["CRON_TZ", "TZ"] {
            let schedule = "\(prefix)=Europe/Berlin 0 9 * * *"
            #expect(read(["topic": "cron-function", "schedule": schedule]).cron?.zone == "Europe/Berlin")
        }
    }

    @Test func allThatCanBeSaid() throws {
        let annotations = [
            "topic": " orders.* , cron-function,drop:in,orders.*", "schedule": "@hourly",
            "com.openfaas.cron.timezone": "Europe/Berlin", "com.openfaas.cron.missed": "all",
            "com.openfaas.cron.missed-within": "1h", "com.openfaas.cron.overlap": "queue",
            "com.openfaas.cron.body": "{}", "com.openfaas.cron.content-type": "application/json",
        ]
        #expect(problem(annotations) == nil)
        let settings = read(annotations)
        #expect(settings.topics == ["orders.*", "drop:in"])
        let cron = try #require(settings.cron)
        #expect(cron.zone == "Europe/Berlin" && cron.missed == .all && cron.overlap == .queue)
        #expect(cron.missedWithin == .seconds(3600) && cron.body == "{}" && cron.contentType == "application/json")
    }

    /// Topics of brokers that others serve, and a `schedule` that is meant for something else, are none of our affair.
    @Test func foreignAnnotationsAreLeftAlone() {
        #expect(problem(["topic": "payment.created,$SYS/#"]) == nil)
        #expect(problem(["schedule": "whenever"]) == nil)
        #expect(read(["schedule": "* * * * *"]) == TriggerSettings())
        #expect(read(["topic": "mqtt/topic", "schedule": "never"]).cron == nil)
    }

    @Test(arguments: [
        (["topic": "cron-function"], "schedule is missing"),
        (["topic": "cron-function", "schedule": "* * * *"], "schedule \"* * * *\" cannot be kept: five fields"),
        (["topic": "cron-function", "schedule": "0 0 30 2 *"], "never run"),
        (["topic": "cron-function", "schedule": "CRON_TZ=Mars/Base 0 0 * * *"], "\"Mars/Base\", which is not known"),
        (
            ["topic": "cron-function", "schedule": "@daily", "com.openfaas.cron.timezone": "../../etc/passwd"],
            "com.openfaas.cron.timezone must be the name of a time zone"
        ),
        (
            ["topic": "cron-function", "schedule": "@daily", "com.openfaas.cron.missed": "twice"],
            "com.openfaas.cron.missed must be skip, once or all"
        ),
        (
            ["topic": "cron-function", "schedule": "@daily", "com.openfaas.cron.overlap": "forbid"],
            "com.openfaas.cron.overlap must be allow, skip or queue"
        ),
        (
            ["topic": "cron-function", "schedule": "@daily", "com.openfaas.cron.content-type": "a\r\nX: b"],
            "com.openfaas.cron.content-type must be"
        ),
        (["topic": "drop:../etc"], "must be drop:NAME"), (["topic": "drop:.hidden"], "must be drop:NAME"),
        (["topic": "a\nb"], "topic must be at most 64 topics"),
    ])
    func refusals(annotations: [String: String], reason: String) {
        #expect(problem(annotations)?.contains(reason) == true, "\(problem(annotations) ?? "none")")
    }
}
