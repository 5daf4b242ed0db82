import OpenFaaSAPI

/// This release.
enum Version {
    static let release = "0.1.0"

    static var info: VersionInfo { VersionInfo(sha: Assets.commit, release: release) }
}
