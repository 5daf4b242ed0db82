import OpenFaaSAPI
import Testing

@testable import Gateway

@Suite struct ElasticFunctionTests {
    private func status(
        image: String = "i:1", createdAt: String = "2026-01-01T00:00:00Z", labels: [String: String] = [:],
        replicas: UInt64 = 1, available: UInt64 = 1
    ) throws -> FunctionStatus {
        var status = FunctionStatus(
            name: try FunctionName("f"),
            deployment: FunctionDeployment(service: "f", image: image),
            invocationCount: 7, replicas: replicas, availableReplicas: available, createdAt: createdAt)
        status.labels = labels
        return status
    }

    private func function(
        _ status: FunctionStatus, known: ElasticFunction? = nil, followsLoad: Bool = true
    ) -> ElasticFunction? {
        ElasticFunction(status, known: known, followsLoad: followsLoad, configuration: ScalingConfiguration())
    }

    private let zero = ["com.openfaas.scale.zero": "true", "com.openfaas.scale.zero-duration": "10s"]

    @Test func onlyWhatAsksForItIsKnown() throws {
        #expect(function(try status()) == nil)
        #expect(function(try status(labels: ["com.openfaas.scale.min": "3", "com.openfaas.scale.max": "3"])) == nil)
        let follower = try status(labels: ["com.openfaas.scale.max": "3"])
        #expect(function(follower)?.isMeasured(by: .rps) == true)
        #expect(function(follower, followsLoad: false) == nil)
        let both = try status(labels: zero.merging(["com.openfaas.scale.max": "3"]) { $1 })
        #expect(function(both, followsLoad: false)?.policy.settings.followsLoad == false)
        #expect(
            function(try status(labels: ["com.openfaas.scale.max": "3"], replicas: 0))?.isMeasured(by: .rps) == false)
    }

    @Test func aLabelOfTheFunctionsOwnSetsTheStableWindow() throws {
        let labels = ["com.openfaas.scale.max": "3", "com.openfaas.scale.down.window": "3m"]
        #expect(function(try status(labels: labels))?.policy.stableWindow == .seconds(180))
        #expect(function(try status(labels: ["com.openfaas.scale.max": "3"]))?.policy.stableWindow == .seconds(60))
    }

    /// What a function does when it was last looked at after so many seconds without a call, and then again after 11.
    private func decision(after change: FunctionStatus) throws -> ScalingPolicy.Decision? {
        var first = try #require(function(try status(labels: zero)))
        let sample = LoadSample(time: .seconds(1), started: 0, inFlight: 0)
        #expect(first.policy.decide(sample, replicas: first.replicas) == .keep)
        var second = try #require(function(change, known: first))
        return second.policy.decide(
            LoadSample(time: .seconds(12), started: 0, inFlight: 0), replicas: second.replicas)
    }

    @Test func aNewDeploymentIsActiveFromThenOn() throws {
        #expect(try decision(after: status(labels: zero, available: 0)) == .rest(after: .seconds(11)))
        #expect(try decision(after: status(image: "i:2", labels: zero)) == .keep)
        #expect(try decision(after: status(createdAt: "2026-01-02T00:00:00Z", labels: zero)) == .keep)
    }
}
