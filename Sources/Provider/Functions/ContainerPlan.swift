import Containers
import OpenFaaSAPI

/// All of a function's container that does not depend on the replica.
struct ContainerPlan: Sendable {
    /// The watchdog's place in a container: where OpenFaaS's own templates put theirs.
    static let watchdogDestination = "/usr/bin/fwatchdog"
    /// Where a function finds its secrets (docs "secrets").
    static let secretsDestination = "/var/openfaas/secrets"
    /// The least memory limit that is applied.
    static let leastMemoryBytes: Int64 = 6 << 20
    /// The size of `/tmp` when the rest of the file system is read-only.
    static let temporaryBytes: Int64 = 64 << 20

    let image: String
    let arguments: [String]?
    let environment: [ContainerSpec.Variable]
    let mounts: [Mount]
    let memoryLimitBytes: Int64?
    let cpus: Double?
    let memoryReservationBytes: Int64?
    let cpuShares: Int?
    /// The name that the function's processes see as their host's.
    let hostname: String
    let sandbox: Sandbox
    let readOnlyRootFilesystem: Bool
    /// The values of the secrets by their names.
    let secrets: [String: [UInt8]]
    /// How it is told that a replica serves.
    let readiness: Readiness
    /// Whether faasd's own watchdog is put in front of the image's command.
    let hasInjectedWatchdog: Bool

    /// Joins what the function asks for with what its image brings.
    ///
    /// - Parameters:
    ///   - secrets: the values of the secrets by their names.
    ///   - hostFiles: `/etc/hosts` and `/etc/resolv.conf` for functions.
    /// - Throws: ``ProviderError`` when neither function nor image names a command.
    init(
        spec: FunctionSpec, image: ImageInfo, config: ImageConfig, watchdogPath: String, hostFiles: [Mount],
        secrets: [String: [UInt8]]
    ) throws(ProviderError) {
        self.image = image.name
        var variables = (spec.deployment.envVars ?? [:]).sorted { $0.key < $1.key }
            .map { ContainerSpec.Variable($0.key, $0.value) }
        if let process = spec.deployment.envProcess, !process.isEmpty, spec.deployment.envVars?["fprocess"] == nil {
            variables.append(.init("fprocess", process))
        }
        environment = variables
        var mounts = hostFiles
        let needsWatchdog = Self.needsWatchdog(spec, config)
        hasInjectedWatchdog = needsWatchdog
        readiness = Readiness(spec: spec, hasInjectedWatchdog: needsWatchdog)
        if needsWatchdog {
            arguments = [Self.watchdogDestination] + config.arguments
            try Self.checkCommand(spec, config)
            mounts.append(Mount(.bind(watchdogPath), at: Self.watchdogDestination, readOnly: true))
        } else {
            arguments = nil
        }
        readOnlyRootFilesystem = spec.deployment.readOnlyRootFilesystem ?? false
        if readOnlyRootFilesystem { mounts.append(Mount(.tmpfs(sizeBytes: Self.temporaryBytes), at: "/tmp")) }
        self.mounts = mounts
        self.secrets = secrets
        // With less, the runtime itself has no room to start a process; Docker has the same floor.
        memoryLimitBytes = spec.memoryLimitBytes.map { max($0, Self.leastMemoryBytes) }
        cpus = spec.cpuLimit
        memoryReservationBytes = spec.memoryRequestBytes
        // Kubernetes' own way from cores to the kernel's weight.
        cpuShares = spec.cpuRequest.map { max(2, Int($0 * 1024)) }
        hostname = Self.hostname(of: spec.name)
        sandbox = spec.sandbox
    }

    /// A host name has no underscores.
    static func hostname(of name: FunctionName) -> String { name.name.replacing("_", with: "-") }

    /// Whether the watchdog goes in front of the image's command.
    static func needsWatchdog(_ spec: FunctionSpec, _ config: ImageConfig) -> Bool {
        switch spec.watchdog {
        case .inject: true
        case .image: false
        case .automatic: !bringsWatchdog(config) && !config.exposedPorts.contains("\(functionPort)/tcp")
        }
    }

    /// An image made from a template of OpenFaaS starts its own watchdog.
    private static func bringsWatchdog(_ config: ImageConfig) -> Bool {
        let command = config.arguments.first ?? ""
        return ["fwatchdog", "of-watchdog", "classic-watchdog"].contains(command.split(separator: "/").last ?? "")
    }

    private static func checkCommand(_ spec: FunctionSpec, _ config: ImageConfig) throws(ProviderError) {
        let named =
            !(spec.deployment.envProcess ?? "").isEmpty || spec.deployment.envVars?["fprocess"] != nil
            || config.variable("fprocess") != nil || config.variable("function_process") != nil
        guard named || !config.arguments.isEmpty else {
            throw .invalid(
                field: "envProcess", "image \(spec.deployment.image) has no command, so the function must name one")
        }
    }
}
