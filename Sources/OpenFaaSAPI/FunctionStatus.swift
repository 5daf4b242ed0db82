/// One function as `GET /system/functions` and `GET /system/function/NAME` show it
/// (faas-provider `types/function_status.go`).
///
/// What is absent or zero is left out of the JSON, as Go's `omitempty` does, but for `labels`,
/// `annotations` and `createdAt`, which are always there.
public struct FunctionStatus: Codable, Equatable, Sendable {
    /// The function's name.
    public var name: String
    /// The image as it was asked for.
    public var image: String
    /// The function's namespace.
    public var namespace: String
    /// The command that the watchdog runs, when the deployment named one.
    public var envProcess: String?
    /// The environment that the deployment asked for, and nothing of the image's own.
    public var envVars: [String: String]?
    /// Placement constraints.
    public var constraints: [String]?
    /// Names of the secrets that are mounted.
    public var secrets: [String]?
    /// Labels.
    public var labels: [String: String]
    /// Annotations.
    public var annotations: [String: String]
    /// The most that a replica may use.
    public var limits: FunctionResources?
    /// What a replica should be given.
    public var requests: FunctionResources?
    /// Whether the root file system is read-only.
    public var readOnlyRootFilesystem: Bool?
    /// Calls answered so far.
    public var invocationCount: Double
    /// Replicas that should run.
    public var replicas: UInt64
    /// Replicas that are ready to be called.
    public var availableReplicas: UInt64
    /// When the function was first deployed, RFC 3339 in UTC.
    public var createdAt: String
    /// What its replicas use, when the client asked for it with `usage=1`.
    public var usage: FunctionUsage?
    /// Its replicas one by one; in the answer about a single function only.
    public var instances: [FunctionInstance]?
    /// Why replicas do not stay up, while that is so.
    public var failure: FunctionFailure?
    /// How long it last took to wake; in the answer about a single function only.
    public var wakeTimes: WakeTimes?
    /// What happened to it last, the oldest first; in the answer about a single function only.
    public var events: [FunctionEvent]?

    private enum CodingKeys: String, CodingKey {
        case name, image, namespace, envProcess, envVars, constraints, secrets, labels, annotations, limits, requests
        case readOnlyRootFilesystem, invocationCount, replicas, availableReplicas, createdAt, usage, instances, failure
        case wakeTimes, events
    }

    /// Makes a status of what a deployment asked for and what is known of its replicas.
    public init(
        name: FunctionName, deployment: FunctionDeployment, invocationCount: Double, replicas: UInt64,
        availableReplicas: UInt64, createdAt: String
    ) {
        self.name = name.name
        self.namespace = name.namespace
        image = deployment.image
        envProcess = deployment.envProcess
        envVars = deployment.envVars
        constraints = deployment.constraints
        secrets = deployment.secrets
        labels = deployment.labels ?? [:]
        annotations = deployment.annotations ?? [:]
        limits = deployment.limits
        requests = deployment.requests
        readOnlyRootFilesystem = deployment.readOnlyRootFilesystem
        self.invocationCount = invocationCount
        self.replicas = replicas
        self.availableReplicas = availableReplicas
        self.createdAt = createdAt
    }

    /// Writes the JSON object, leaving out what is absent or zero.
    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(name, forKey: .name)
        try values.encode(image, forKey: .image)
        try values.encode(namespace, forKey: .namespace)
        try values.encodeUnlessEmpty(envProcess, forKey: .envProcess)
        try values.encodeUnlessEmpty(envVars, forKey: .envVars)
        try values.encodeUnlessEmpty(constraints, forKey: .constraints)
        try values.encodeUnlessEmpty(secrets, forKey: .secrets)
        try values.encode(labels, forKey: .labels)
        try values.encode(annotations, forKey: .annotations)
        if let limits, !limits.isEmpty { try values.encode(limits, forKey: .limits) }
        if let requests, !requests.isEmpty { try values.encode(requests, forKey: .requests) }
        if readOnlyRootFilesystem == true { try values.encode(true, forKey: .readOnlyRootFilesystem) }
        if invocationCount != 0 { try values.encode(invocationCount, forKey: .invocationCount) }
        if replicas != 0 { try values.encode(replicas, forKey: .replicas) }
        if availableReplicas != 0 { try values.encode(availableReplicas, forKey: .availableReplicas) }
        try values.encode(createdAt, forKey: .createdAt)
        try values.encodeIfPresent(usage, forKey: .usage)
        try values.encodeIfPresent(instances, forKey: .instances)
        try values.encodeIfPresent(failure, forKey: .failure)
        try values.encodeIfPresent(wakeTimes, forKey: .wakeTimes)
        try values.encodeIfPresent(events, forKey: .events)
    }

    /// Decodes what ``encode(to:)`` writes, and what any OpenFaaS provider does.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        name = try values.decode(String.self, forKey: .name)
        image = try values.decode(String.self, forKey: .image)
        namespace = try values.decodeIfPresent(String.self, forKey: .namespace) ?? FunctionName.defaultNamespace
        envProcess = try values.decodeIfPresent(String.self, forKey: .envProcess)
        envVars = try values.decodeIfPresent([String: String].self, forKey: .envVars)
        constraints = try values.decodeIfPresent([String].self, forKey: .constraints)
        secrets = try values.decodeIfPresent([String].self, forKey: .secrets)
        labels = try values.decodeIfPresent([String: String].self, forKey: .labels) ?? [:]
        annotations = try values.decodeIfPresent([String: String].self, forKey: .annotations) ?? [:]
        limits = try values.decodeIfPresent(FunctionResources.self, forKey: .limits)
        requests = try values.decodeIfPresent(FunctionResources.self, forKey: .requests)
        readOnlyRootFilesystem = try values.decodeIfPresent(Bool.self, forKey: .readOnlyRootFilesystem)
        invocationCount = try values.decodeIfPresent(Double.self, forKey: .invocationCount) ?? 0
        replicas = try values.decodeIfPresent(UInt64.self, forKey: .replicas) ?? 0
        availableReplicas = try values.decodeIfPresent(UInt64.self, forKey: .availableReplicas) ?? 0
        createdAt = try values.decodeIfPresent(String.self, forKey: .createdAt) ?? ""
        usage = try values.decodeIfPresent(FunctionUsage.self, forKey: .usage)
        instances = try values.decodeIfPresent([FunctionInstance].self, forKey: .instances)
        failure = try values.decodeIfPresent(FunctionFailure.self, forKey: .failure)
        wakeTimes = try values.decodeIfPresent(WakeTimes.self, forKey: .wakeTimes)
        events = try values.decodeIfPresent([FunctionEvent].self, forKey: .events)
    }
}

extension KeyedEncodingContainer {
    fileprivate mutating func encodeUnlessEmpty<Value: Encodable & Collection>(
        _ value: Value?, forKey key: Key
    ) throws {
        if let value, !value.isEmpty { try encode(value, forKey: key) }
    }
}
