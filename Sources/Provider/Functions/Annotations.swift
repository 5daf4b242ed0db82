import Containers

extension PullPolicy {
    /// Says for one function when its image is fetched; the words are Kubernetes' `imagePullPolicy`.
    static let annotation = "com.openfaas.image.pull-policy"

    init?(annotations: [String: String]) throws(ProviderError) {
        guard let text = annotations[Self.annotation] else { return nil }
        guard let policy = Self(rawValue: text) else {
            throw .invalid(
                field: "annotations", "\(Self.annotation) must be IfNotPresent or Always, not \"\(text.prefix(80))\"")
        }
        self = policy
    }
}

/// Whether faasd's watchdog is put in front of the image's own command.
enum WatchdogChoice: String, Sendable, CaseIterable {
    /// Where the image brings no watchdog and does not say that it serves port 8080 itself.
    case automatic = "auto"
    /// Always.
    case inject
    /// Never: the image is run as it is.
    case image

    static let annotation = "com.openfaas.watchdog"

    init(annotations: [String: String]) throws(ProviderError) {
        guard let text = annotations[Self.annotation] else {
            self = .automatic
            return
        }
        guard let choice = Self(rawValue: text) else {
            throw .invalid(
                field: "annotations", "\(Self.annotation) must be auto, inject or image, not \"\(text.prefix(80))\"")
        }
        self = choice
    }
}
