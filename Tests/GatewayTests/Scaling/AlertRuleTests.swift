import OpenFaaSAPI
import Testing

@testable import Gateway

@Suite struct AlertRuleTests {
    private func next(_ labels: [String: String], after current: Int, firing: Bool = true) -> Int? {
        AlertRule(settings: ScaleSettings(labels: labels)).replicas(after: current, isFiring: firing)
    }

    @Test func aFiringAlertAddsAPartOfTheMaximum() {
        let labels = ["com.openfaas.scale.max": "10", "com.openfaas.scale.factor": "20"]
        #expect(next(labels, after: 1) == 3)
        #expect(next(labels, after: 9) == 10)
        #expect(next(labels, after: 10) == nil)
        // OpenFaaS's own numbers, where none are named: 20 % of 5.
        #expect(next([:], after: 1) == 2)
        #expect(next([:], after: 5) == nil)
        #expect(next(["com.openfaas.scale.factor": "1"], after: 1) == 2)
    }

    @Test func aResolvedOneGoesBackToTheMinimum() {
        #expect(next(["com.openfaas.scale.min": "2"], after: 5, firing: false) == 2)
        #expect(next(["com.openfaas.scale.min": "2"], after: 2, firing: false) == nil)
    }

    @Test func whatWasSetBeyondByHandIsNotTakenAway() {
        #expect(next([:], after: 8) == nil)
    }

    @Test func aFactorOfZeroAndAFunctionAtRestAreLeftAlone() {
        #expect(next(["com.openfaas.scale.factor": "0"], after: 1) == nil)
        #expect(next(["com.openfaas.scale.factor": "0"], after: 3, firing: false) == nil)
        #expect(next([:], after: 0) == nil && next([:], after: 0, firing: false) == nil)
    }
}
