import Foundation

/// Looks who may read the secrets.
struct SecretsCheck: Sendable {
    func run(_ directory: String) -> [Finding] {
        [directory, directory + "/basic-auth-password"].compactMap { path in
            let found = try? FileManager.default.attributesOfItem(atPath: path)
            guard let permissions = found?[.posixPermissions] as? Int, permissions & 0o077 != 0 else { return nil }
            return .problem(
                "others than root may read \(path)",
                fix: "chmod go= \(path); then choose a new password: see docs/tls.md")
        }
    }
}
