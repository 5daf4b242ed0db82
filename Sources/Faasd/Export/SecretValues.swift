import Foundation
import OpenFaaSAPI

/// The values of secrets, which only the files of this machine tell.
struct SecretValues {
    /// Of the secrets of functions: a folder for each namespace.
    let directory: String

    /// A value as base64; `nil` when it cannot be read.
    func value(of secret: Secret) -> String? {
        guard let namespace = secret.namespace, !namespace.contains("/"), !secret.name.contains("/") else { return nil }
        return FileManager.default.contents(atPath: "\(directory)/\(namespace)/\(secret.name)")?
            .base64EncodedString()
    }
}
