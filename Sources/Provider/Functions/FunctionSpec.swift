import Containers
import Foundation
public import OpenFaaSAPI

/// A deployment that has passed every check which needs neither a registry nor containerd.
public struct FunctionSpec: Sendable, Equatable {
    /// The checked name.
    public let name: FunctionName
    /// The deployment as the client sent it: what `describe` gives back.
    public let deployment: FunctionDeployment
    /// The image's full reference, with registry and tag or digest.
    let image: ImageReference
    /// How many replicas it has, and when; it begins with the minimum.
    public let scaling: ScaleSettings
    /// The most memory that a replica may use, in bytes.
    let memoryLimitBytes: Int64?
    /// The most processor time that a replica may use, in cores.
    let cpuLimit: Double?
    /// The memory that is not taken back from a replica first when the machine runs short, in bytes.
    let memoryRequestBytes: Int64?
    /// A replica's share of a busy machine's processor time, in cores.
    let cpuRequest: Double?
    /// Whether the image is fetched even when it is present: annotation `com.openfaas.image.pull-policy`.
    let imagePullPolicy: PullPolicy?
    /// Whether faasd's own watchdog is put in front of the image's command.
    let watchdog: WatchdogChoice
    /// What it may do beyond the default.
    let sandbox: Sandbox
    /// The path that a replica is asked for until it serves, where the function names one.
    let readyPath: String?
    /// How long a replica may be silent in a call, where the function says so.
    let callTimeout: Duration?

    /// Checks a deployment.
    ///
    /// - Throws: ``ProviderError`` with code `invalid`, naming the field and the rule.
    public init(validating deployment: FunctionDeployment) throws(ProviderError) {
        name = try Self.checkedName(of: deployment)
        image = try Self.checkedImage(deployment.image)
        try EnvironmentRule.check(deployment)
        try MetadataRule.check(deployment.labels ?? [:], field: "labels")
        try MetadataRule.check(deployment.annotations ?? [:], field: "annotations")
        for secret in deployment.secrets ?? [] { try SecretRule.check(secret) }
        (memoryLimitBytes, cpuLimit) = try ResourceRule.check(deployment.limits, field: "limits")
        (memoryRequestBytes, cpuRequest) = try ResourceRule.check(deployment.requests, field: "requests")
        if let problem = ScaleSettings.problem(in: deployment.labels ?? [:]) {
            throw .invalid(field: "labels", problem)
        }
        scaling = ScaleSettings(labels: deployment.labels ?? [:])
        imagePullPolicy = try PullPolicy(annotations: deployment.annotations ?? [:])
        watchdog = try WatchdogChoice(annotations: deployment.annotations ?? [:])
        sandbox = try Sandbox(annotations: deployment.annotations ?? [:])
        readyPath = try Readiness.checkedPath(deployment.annotations ?? [:])
        callTimeout = try Self.checkedCallTimeout(of: deployment)
        for (field, values) in [("annotations", deployment.annotations), ("labels", deployment.labels)] {
            if let problem = AsyncSettings.problem(in: values ?? [:]) { throw .invalid(field: field, problem) }
        }
        let isZone = { (name: String) in TimeZone(identifier: name) != nil }
        if let problem = TriggerSettings.problem(in: deployment.annotations ?? [:], isZone: isZone) {
            throw .invalid(field: "annotations", problem)
        }
        self.deployment = deployment
    }

    private static func checkedCallTimeout(of deployment: FunctionDeployment) throws(ProviderError) -> Duration? {
        for (field, values) in [("annotations", deployment.annotations), ("labels", deployment.labels)] {
            guard let text = values?[CallTimeout.annotation], CallTimeout.parse(text) == nil else { continue }
            throw .invalid(
                field: field, "\(CallTimeout.annotation) must be a time such as 30s or 2m, not \"\(text.prefix(80))\"")
        }
        return CallTimeout.of(
            annotations: deployment.annotations ?? [:], labels: deployment.labels ?? [:],
            environment: deployment.envVars ?? [:])
    }

    private static func checkedName(of deployment: FunctionDeployment) throws(ProviderError) -> FunctionName {
        do {
            return try FunctionName(deployment.service, namespace: deployment.namespace)
        } catch {
            throw ProviderError(.invalid, "\(error)")
        }
    }

    private static func checkedImage(_ text: String) throws(ProviderError) -> ImageReference {
        do {
            return try ImageReference(text)
        } catch {
            throw ProviderError(.invalid, "\(error)")
        }
    }
}
