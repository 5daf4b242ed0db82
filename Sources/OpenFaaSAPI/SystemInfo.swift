/// The answer of `GET /system/info` (faas-provider `types/system_info.go`).
///
/// `faas-cli version` needs all three of `provider`, `provider.version` and `version`.
public struct GatewayInfo: Codable, Equatable, Sendable {
    /// The provider behind the gateway.
    public var provider: ProviderInfo
    /// The gateway's own version.
    public var version: VersionInfo
    /// The processor architecture in Go's words, such as `amd64`.
    public var arch: String

    /// The architecture of this machine in Go's words, as the API and Kubernetes' labels have it.
    public static var hostArchitecture: String {
        #if arch(x86_64)
            "amd64"
        #elseif arch(arm64)
            "arm64"
        #else
            "unknown"
        #endif
    }

    /// Makes the whole answer.
    public init(provider: ProviderInfo, version: VersionInfo, arch: String) {
        self.provider = provider
        self.version = version
        self.arch = arch
    }
}

/// Who runs the functions.
public struct ProviderInfo: Codable, Equatable, Sendable {
    /// The provider's name.
    public var provider: String
    /// The provider's version.
    public var version: VersionInfo
    /// What the provider runs functions on, such as `containerd`.
    public var orchestration: String

    /// Names the provider.
    public init(provider: String, version: VersionInfo, orchestration: String) {
        self.provider = provider
        self.version = version
        self.orchestration = orchestration
    }
}

/// A version as the OpenFaaS API shows it.
public struct VersionInfo: Codable, Equatable, Sendable {
    /// The commit that was built.
    public var sha: String
    /// The release, such as `1.2.0`.
    public var release: String

    /// Makes a version.
    public init(sha: String, release: String) {
        self.sha = sha
        self.release = release
    }
}
