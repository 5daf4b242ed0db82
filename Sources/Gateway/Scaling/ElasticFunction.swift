import OpenFaaSAPI

/// One function that asks to be scaled, as the autoscaler knows it.
struct ElasticFunction: Sendable {
    /// What was deployed, without what is of the moment.
    struct Deployment: Equatable, Sendable {
        private let image: String
        private let createdAt: String
        private let process: String?
        private let environment: [String: String]?
        private let secrets: [String]?
        private let labels: [String: String]

        init(_ status: FunctionStatus) {
            image = status.image
            createdAt = status.createdAt
            process = status.envProcess
            environment = status.envVars
            secrets = status.secrets
            labels = status.labels
        }
    }

    let deployment: Deployment
    var policy: ScalingPolicy
    var replicas: ScalingPolicy.Replicas
    /// The provider is changing the number. It may take as long as a deployment that is under way.
    var isBeingScaled = false
    /// After a failure, when to try again.
    var retryAt = Duration.zero

    /// Takes a status; `nil` where the function asks for nothing.
    ///
    /// - Parameters:
    ///   - known: what was known of it. Nothing of it holds for another deployment, which begins as active.
    ///   - followsLoad: whether load counts here at all.
    init?(
        _ status: FunctionStatus, known: ElasticFunction?, followsLoad: Bool, configuration: ScalingConfiguration
    ) {
        var settings = ScaleSettings(labels: status.labels)
        settings.followsLoad = settings.followsLoad && followsLoad
        guard settings.followsLoad || settings.zero else { return nil }
        deployment = Deployment(status)
        if let known, known.deployment == deployment {
            policy = known.policy
            isBeingScaled = known.isBeingScaled
            retryAt = known.retryAt
        } else {
            policy = ScalingPolicy(
                settings: settings, stableWindow: settings.downWindow ?? configuration.stableWindow)
        }
        replicas = ScalingPolicy.Replicas(
            wanted: Int(clamping: status.replicas), available: Int(clamping: status.availableReplicas),
            isFailing: status.failure != nil)
    }

    /// Whether its load is measured by this now.
    func isMeasured(by kind: ScaleSettings.Kind) -> Bool {
        policy.settings.followsLoad && policy.settings.kind == kind && replicas.wanted > 0
    }
}
