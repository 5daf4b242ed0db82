import OpenFaaSAPI
import Testing

@Suite struct ScaleSettingsTests {
    @Test func nothingSaidIsOneReplicaThatStays() {
        let settings = ScaleSettings(labels: ["app": "x"])
        #expect(settings == ScaleSettings())
        #expect(!settings.followsLoad)
        #expect(!settings.zero)
    }

    @Test func everyLabelIsRead() {
        let settings = ScaleSettings(labels: [
            "com.openfaas.scale.min": "2", "com.openfaas.scale.max": "5", "com.openfaas.scale.type": "cpu",
            "com.openfaas.scale.target": "500", "com.openfaas.scale.target-proportion": "0.5",
            "com.openfaas.scale.factor": "40", "com.openfaas.scale.zero": "true",
            "com.openfaas.scale.zero-duration": "90s", "com.openfaas.scale.stop-duration": "1h",
            "com.openfaas.scale.warm": "1", "com.openfaas.scale.down.window": "2m",
        ])
        #expect(settings.minimum == 2 && settings.maximum == 5 && settings.followsLoad)
        #expect(settings.kind == .cpu && settings.target == 500 && settings.proportion == 0.5)
        #expect(settings.factor == 40 && settings.warm == 1 && settings.downWindow == .seconds(120))
        #expect(settings.zero && settings.zeroDuration == .seconds(90) && settings.stopDuration == .seconds(3600))
    }

    @Test func aFactorAloneIsAShareOfCallsAtOnce() {
        let settings = ScaleSettings(labels: ["com.openfaas.scale.max": "10", "com.openfaas.scale.factor": "20"])
        #expect(settings.kind == .capacity && settings.target == 20 && settings.followsLoad)
        let named = ScaleSettings(labels: ["com.openfaas.scale.target": "7", "com.openfaas.scale.factor": "20"])
        #expect(named.kind == .rps && named.target == 7)
    }

    @Test func aFixedNumberDoesNotFollowTheLoad() {
        #expect(!ScaleSettings(labels: ["com.openfaas.scale.min": "3", "com.openfaas.scale.max": "3"]).followsLoad)
    }

    @Test(arguments: [
        ("com.openfaas.scale.min", "0"), ("com.openfaas.scale.max", "101"), ("com.openfaas.scale.type", "memory"),
        ("com.openfaas.scale.target", "-1"), ("com.openfaas.scale.target", "nan"),
        ("com.openfaas.scale.target-proportion", "1.1"), ("com.openfaas.scale.factor", "101"),
        ("com.openfaas.scale.zero", "yes"), ("com.openfaas.scale.zero-duration", "soon"),
        ("com.openfaas.scale.down.window", "6m"), ("com.openfaas.scale.stop-duration", "-1s"),
        ("com.openfaas.scale.warm", "x"),
    ]) func whatBreaksItsRuleIsNamed(label: String, value: String) {
        let problem = ScaleSettings.problem(in: [label: value])
        #expect(problem?.hasPrefix("\(label) must be ") == true)
        #expect(problem?.contains(value) == true)
    }

    @Test func aMinimumAboveTheMaximumIsNamed() {
        let labels = ["com.openfaas.scale.min": "4", "com.openfaas.scale.max": "2"]
        #expect(
            ScaleSettings.problem(in: labels)
                == "com.openfaas.scale.min is 4, more than com.openfaas.scale.max, which is 2")
        let settings = ScaleSettings(labels: labels)
        #expect(settings.minimum <= settings.maximum)
    }
}
