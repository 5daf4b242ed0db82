import OpenFaaSAPI
import Testing

@testable import Containers
@testable import Provider

struct ContainerPlanTests {
    private func spec(_ change: (inout FunctionDeployment) -> Void = { _ in }) throws -> FunctionSpec {
        var deployment = FunctionDeployment(service: "f", image: "alpine")
        change(&deployment)
        return try FunctionSpec(validating: deployment)
    }

    private func plan(
        _ spec: FunctionSpec, _ config: ImageConfig, secrets: [String: [UInt8]] = [:]
    ) throws -> ContainerPlan {
        let image = ImageInfo(name: "docker.io/library/alpine:latest", digest: "sha256:0", mediaType: "x")
        return try ContainerPlan(
            spec: spec, image: image, config: config, watchdogPath: "/opt/fwatchdog", hostFiles: [], secrets: secrets)
    }

    private func config(
        entrypoint: [String] = [], command: [String] = [], ports: [String] = [],
        environment: [ContainerSpec.Variable] = []
    ) -> ImageConfig {
        ImageConfig(
            entrypoint: entrypoint, command: command, environment: environment, user: "", exposedPorts: ports,
            labels: [:], workingDirectory: "", architecture: "amd64", operatingSystem: "linux")
    }

    @Test func anImageWithACommandGetsTheWatchdog() throws {
        let plan = try plan(spec(), config(entrypoint: ["/run me"], command: ["a b"]))
        #expect(plan.arguments == ["/usr/bin/fwatchdog", "/run me", "a b"])
        #expect(plan.mounts == [Mount(.bind("/opt/fwatchdog"), at: "/usr/bin/fwatchdog", readOnly: true)])
    }

    @Test(arguments: ["fwatchdog", "/usr/bin/fwatchdog", "/of-watchdog"])
    func anImageWithAWatchdogIsRunAsItIs(command: String) throws {
        let plan = try plan(spec { $0.envProcess = "cat" }, config(command: [command]))
        #expect(plan.arguments == nil && plan.mounts.isEmpty)
        #expect(plan.environment == [.init("fprocess", "cat")])
    }

    @Test func anImageThatServesIsRunAsItIs() throws {
        #expect(try plan(spec(), config(command: ["server"], ports: ["8080/tcp"])).arguments == nil)
        #expect(try plan(spec(), config(command: ["server"], ports: ["80/tcp"])).arguments != nil)
    }

    @Test func theAnnotationDecides() throws {
        let inject = try spec { $0.annotations = ["com.openfaas.watchdog": "inject"] }
        #expect(try plan(inject, config(command: ["fwatchdog"])).arguments == ["/usr/bin/fwatchdog", "fwatchdog"])
        let image = try spec { $0.annotations = ["com.openfaas.watchdog": "image"] }
        #expect(try plan(image, config(command: ["sh"])).arguments == nil)
    }

    @Test func somethingMustBeRun() throws {
        #expect(throws: ProviderError.self) { try plan(spec(), config()) }
        #expect(try plan(spec { $0.envProcess = "cat" }, config()).arguments == ["/usr/bin/fwatchdog"])
        let image = config(environment: [.init("fprocess", "cat")])
        #expect(try plan(spec(), image).arguments == ["/usr/bin/fwatchdog"])
    }

    @Test func aVariableNamedFprocessWins() throws {
        let spec = try spec {
            $0.envProcess = "cat"
            $0.envVars = ["fprocess": "env", "A": "x=y"]
        }
        #expect(try plan(spec, config()).environment == [.init("A", "x=y"), .init("fprocess", "env")])
    }

    @Test func secretsAndLimits() throws {
        let spec = try spec {
            $0.readOnlyRootFilesystem = true
            $0.limits = FunctionResources(memory: "64Mi", cpu: "500m")
        }
        let plan = try plan(spec, config(command: ["fwatchdog"]), secrets: ["key": [1]])
        #expect(plan.memoryLimitBytes == 64 << 20 && plan.cpus == 0.5 && plan.readOnlyRootFilesystem)
        #expect(
            plan.mounts == [
                Mount(.tmpfs(sizeBytes: 64 << 20), at: "/tmp")
            ])
    }
}
