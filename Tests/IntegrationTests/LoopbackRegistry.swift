import Foundation
import TestSupport

/// Debian's `docker-registry` on a loopback port, which may ask for a password.
struct LoopbackRegistry {
    static let user = "bob"
    static let password = "s3cret:pw"
    /// bcrypt of the password, cost 4.
    private static let hash = "$2b$04$SLMexmDtxDf41ei8TzG9HOsf.db3b7ud0aB3i33jx5FBZQM3H7q1m"

    /// `HOST:PORT`
    let address: String

    /// Runs a body with a registry that keeps what it gets in a folder.
    static func with(
        in directory: String, asksForPassword: Bool, _ body: (LoopbackRegistry) async throws -> Void
    ) async throws {
        let folder = directory + "/registry-\(asksForPassword)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try "\(user):\(hash)\n".write(toFile: folder + "/htpasswd", atomically: true, encoding: .utf8)
        let port = try BackgroundProgram.freePort()
        try """
        version: 0.1
        log: {level: error}
        storage: {filesystem: {rootdirectory: \(folder)/data}}
        http: {addr: "127.0.0.1:\(port)"}
        \(asksForPassword ? "auth: {htpasswd: {realm: test, path: \(folder)/htpasswd}}" : "")
        """.write(toFile: folder + "/config.yml", atomically: true, encoding: .utf8)
        let registry = LoopbackRegistry(address: "127.0.0.1:\(port)")
        try await BackgroundProgram.with("docker-registry", ["serve", folder + "/config.yml"], endedBy: SIGKILL) { _ in
            try await eventually("the registry answers") {
                try await Shell.run("curl", ["-s", "-o", "/dev/null", "http://\(registry.address)/v2/"]).code == 0
            }
            try await body(registry)
        }
    }

    /// The list of images that a tag stands for.
    func index(_ repository: String, _ tag: String) async throws -> String {
        try await Shell.must(
            "curl",
            [
                "-sf", "-H", "Accept: application/vnd.oci.image.index.v1+json",
                "-H", "Accept: application/vnd.docker.distribution.manifest.list.v2+json",
                "-H", "Accept: application/vnd.oci.image.manifest.v1+json",
                "http://\(address)/v2/\(repository)/manifests/\(tag)",
            ])
    }
}
