import Containers
import OpenFaaSAPI
import Testing

@testable import Provider

struct FunctionSpecTests {
    private func message(_ change: (inout FunctionDeployment) -> Void) -> String {
        var deployment = FunctionDeployment(service: "f", image: "functions/alpine:latest")
        change(&deployment)
        do {
            _ = try FunctionSpec(validating: deployment)
            return "accepted"
        } catch {
            #expect(error.code == .invalid)
            return error.message
        }
    }

    @Test func aTimeoutMustBeATime() throws {
        for change in [\FunctionDeployment.labels, \FunctionDeployment.annotations] {
            let refusal = message { $0[keyPath: change] = ["com.openfaas.timeout": "soon"] }
            #expect(refusal.contains("com.openfaas.timeout must be a time such as 30s or 2m, not \"soon\""))
            #expect(message { $0[keyPath: change] = ["com.openfaas.timeout": "90s"] } == "accepted")
        }
        let spec = try FunctionSpec(
            validating: FunctionDeployment(service: "f", image: "alpine", envVars: ["exec_timeout": "2m"]))
        #expect(spec.callTimeout == .seconds(121))
    }

    @Test func settingsOfAsynchronousCallsMustMakeSense() {
        let bad = [
            "com.openfaas.retry.attempts": "0", "com.openfaas.retry.codes": "500,often",
            "com.openfaas.retry.min_wait": "soon", "com.openfaas.queue": "a b", "com.openfaas.async.concurrency": "-1",
        ]
        for (key, value) in bad {
            let refusal = message { $0.annotations = [key: value] }
            #expect(refusal.contains("\(key) must be") && refusal.contains("not \"\(value)\""))
        }
        #expect(message { $0.annotations = ["com.openfaas.retry.codes": "500, 429"] } == "accepted")
    }

    @Test func acceptsAWholeDeployment() throws {
        let deployment = FunctionDeployment(
            service: "f", image: "alpine", namespace: "", envProcess: "cat", envVars: ["A": "x=y\nz"],
            secrets: ["api-key"], labels: ["com.openfaas.scale.min": "3"], annotations: ["topic": "a"],
            limits: FunctionResources(memory: "128Mi", cpu: "100m"), readOnlyRootFilesystem: true)
        let spec = try FunctionSpec(validating: deployment)
        #expect(spec.image.description == "docker.io/library/alpine:latest")
        #expect(spec.scaling.minimum == 3)
        #expect(spec.memoryLimitBytes == 128 << 20)
        #expect(spec.cpuLimit == 0.1)
        #expect(spec.deployment == deployment)
    }

    @Test(arguments: ["", "../x", "a/b", "a.b", "a\u{0}"]) func refusesNames(name: String) {
        #expect(message { $0.service = name }.hasPrefix("invalid function name"))
    }

    @Test(arguments: ["../x", "a/b", "A"]) func refusesNamespaces(name: String) {
        #expect(message { $0.namespace = name }.hasPrefix("invalid namespace"))
    }

    @Test(arguments: ["", "UPPER/x", "a b", "-x", "x:", "x@sha256:12", "../../etc", "x;reboot", "http://x/y"])
    func refusesImages(image: String) {
        #expect(message { $0.image = image } != "accepted")
    }

    @Test func refusesBadFields() {
        #expect(message { $0.envVars = ["A=B": "x"] }.hasPrefix("invalid envVars"))
        #expect(message { $0.envVars = ["": "x"] }.hasPrefix("invalid envVars"))
        #expect(message { $0.envVars = ["A": "x\u{0}"] }.hasPrefix("invalid envVars"))
        #expect(message { $0.envVars = ["A": String(repeating: "x", count: 200_000)] }.hasPrefix("invalid envVars"))
        #expect(message { $0.envProcess = "cat\nrm" }.hasPrefix("invalid envProcess"))
        #expect(message { $0.secrets = ["../shadow"] }.hasPrefix("invalid secrets"))
        #expect(message { $0.secrets = [""] }.hasPrefix("invalid secrets"))
        #expect(message { $0.labels = ["k": String(repeating: "x", count: 5000)] }.hasPrefix("invalid labels"))
        #expect(message { $0.labels = ["": "x"] }.hasPrefix("invalid labels"))
        #expect(message { $0.labels = ["com.openfaas.scale.min": "0"] }.hasPrefix("invalid labels"))
        #expect(message { $0.annotations = ["com.openfaas.watchdog": "x"] }.hasPrefix("invalid annotations"))
        #expect(message { $0.annotations = ["com.openfaas.image.pull-policy": "x"] }.hasPrefix("invalid annotations"))
        #expect(message { $0.limits = .init(memory: "lots") }.hasPrefix("invalid limits.memory"))
        #expect(message { $0.limits = .init(memory: "1Ki") }.hasPrefix("invalid limits.memory"))
        #expect(message { $0.limits = .init(cpu: "-1") }.hasPrefix("invalid limits.cpu"))
        #expect(message { $0.requests = .init(cpu: "x") }.hasPrefix("invalid requests.cpu"))
    }
}
