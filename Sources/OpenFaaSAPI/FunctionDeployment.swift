/// The body of `POST` and `PUT /system/functions` (faas-provider `types/function_deployment.go`).
public struct FunctionDeployment: Codable, Equatable, Sendable {
    /// The function's name.
    public var service: String
    /// An image reference as a user writes it, such as `functions/alpine:latest`.
    public var image: String
    /// The namespace; `nil` and `""` stand for ``FunctionName/defaultNamespace``.
    public var namespace: String?
    /// The command that the watchdog runs, split on spaces; it reaches the container as `fprocess`.
    public var envProcess: String?
    /// Environment variables.
    public var envVars: [String: String]?
    /// Placement constraints, in the orchestrator's own syntax.
    public var constraints: [String]?
    /// Names of secrets to mount under `/var/openfaas/secrets`.
    public var secrets: [String]?
    /// Labels; several have a meaning, such as `com.openfaas.scale.min`.
    public var labels: [String: String]?
    /// Annotations.
    public var annotations: [String: String]?
    /// The most that a replica may use.
    public var limits: FunctionResources?
    /// What a replica should be given.
    public var requests: FunctionResources?
    /// Whether the container's root file system is mounted read-only; `/tmp` stays writable.
    public var readOnlyRootFilesystem: Bool?

    /// Makes a deployment; everything that is not given is absent, as it would be in the JSON.
    public init(
        service: String, image: String, namespace: String? = nil, envProcess: String? = nil,
        envVars: [String: String]? = nil, constraints: [String]? = nil, secrets: [String]? = nil,
        labels: [String: String]? = nil, annotations: [String: String]? = nil,
        limits: FunctionResources? = nil, requests: FunctionResources? = nil,
        readOnlyRootFilesystem: Bool? = nil
    ) {
        self.service = service
        self.image = image
        self.namespace = namespace
        self.envProcess = envProcess
        self.envVars = envVars
        self.constraints = constraints
        self.secrets = secrets
        self.labels = labels
        self.annotations = annotations
        self.limits = limits
        self.requests = requests
        self.readOnlyRootFilesystem = readOnlyRootFilesystem
    }

    /// Decodes the JSON object; a missing `service` or `image` reads as `""`, so that the check of
    /// names can say what is wrong with it, as it does for an empty one.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        service = try values.decodeIfPresent(String.self, forKey: .service) ?? ""
        image = try values.decodeIfPresent(String.self, forKey: .image) ?? ""
        namespace = try values.decodeIfPresent(String.self, forKey: .namespace)
        envProcess = try values.decodeIfPresent(String.self, forKey: .envProcess)
        envVars = try values.decodeIfPresent([String: String].self, forKey: .envVars)
        constraints = try values.decodeIfPresent([String].self, forKey: .constraints)
        secrets = try values.decodeIfPresent([String].self, forKey: .secrets)
        labels = try values.decodeIfPresent([String: String].self, forKey: .labels)
        annotations = try values.decodeIfPresent([String: String].self, forKey: .annotations)
        limits = try values.decodeIfPresent(FunctionResources.self, forKey: .limits)
        requests = try values.decodeIfPresent(FunctionResources.self, forKey: .requests)
        readOnlyRootFilesystem = try values.decodeIfPresent(Bool.self, forKey: .readOnlyRootFilesystem)
    }
}

/// Memory and CPU as Kubernetes quantities (faas-provider `types/function_deployment.go`).
public struct FunctionResources: Codable, Equatable, Sendable {
    /// Bytes as a Kubernetes quantity, such as `128Mi`.
    public var memory: String?
    /// Cores as a Kubernetes quantity, such as `100m` or `0.5`.
    public var cpu: String?

    /// Makes a value; what is not given is absent in the JSON.
    public init(memory: String? = nil, cpu: String? = nil) {
        self.memory = memory
        self.cpu = cpu
    }

    /// Whether neither memory nor CPU is named.
    public var isEmpty: Bool { (memory ?? "").isEmpty && (cpu ?? "").isEmpty }
}
