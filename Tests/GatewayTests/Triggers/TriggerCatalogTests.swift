import OpenFaaSAPI
import Queue
import Testing

@testable import Gateway

struct TriggerCatalogTests {
    private func subscription(_ annotations: [String: String]) throws -> TriggerSubscription? {
        var deployment = FunctionDeployment(service: "f", image: "i")
        deployment.annotations = annotations
        return TriggerCatalog.subscription(
            FunctionStatus(
                name: try FunctionName("f", namespace: "dev"), deployment: deployment, invocationCount: 0, replicas: 1,
                availableReplicas: 1, createdAt: "2026-11-24T12:00:00Z"))
    }

    @Test func annotationsAreSubscriptions() throws {
        #expect(try subscription([:]) == nil)
        #expect(try subscription(["schedule": "* * * * *"]) == nil)
        let found = try #require(
            try subscription([
                "topic": "cron-function,orders", "schedule": "@daily", "com.openfaas.queue": "slow",
                "com.openfaas.cron.timezone": "Europe/Berlin",
            ]))
        #expect(found.function.description == "f.dev" && found.queue == "slow" && found.problem == nil)
        #expect(found.identity == "2026-11-24T12:00:00Z" && found.settings.topics == ["orders"])
        #expect(found.settings.cron?.zone == "Europe/Berlin")
    }

    /// A provider that is elsewhere takes what ours refuses; it is told of.
    @Test func whatCannotBeKeptIsToldOf() throws {
        let found = try #require(try subscription(["topic": "cron-function", "schedule": "@reboot"]))
        #expect(found.settings.cron == nil && found.problem?.contains("@reboot") == true)
    }
}
