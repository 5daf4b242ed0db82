import Foundation
import OpenFaaSAPI

/// Secrets on disk: `DIRECTORY/NAMESPACE/NAME`, each mode 0600.
///
/// Values are never logged and never read back over the API.
struct SecretStore: Sendable {
    /// The longest value: what Kubernetes allows.
    static let maximumBytes = 1 << 20

    let directory: String

    /// The names in a namespace, sorted.
    func list(namespace: String) throws(ProviderError) -> [String] {
        do {
            let names = try FileManager.default.contentsOfDirectory(atPath: folder(namespace))
            return names.filter(SecretRule.isName).sorted()
        } catch CocoaError.fileReadNoSuchFile {
            return []
        } catch {
            throw ProviderError(.storeFailed, "the secrets could not be read: \(error.localizedDescription)")
        }
    }

    /// Whether there is such a secret.
    func contains(_ name: String, namespace: String) -> Bool {
        var isDirectory: ObjCBool = false
        return FileManager.default.fileExists(atPath: path(name, namespace), isDirectory: &isDirectory)
            && !isDirectory.boolValue
    }

    /// A secret's value.
    ///
    /// - Throws: ``ProviderError`` `invalid` when there is none: what named it cannot be.
    func value(_ name: String, namespace: String) throws(ProviderError) -> [UInt8] {
        guard contains(name, namespace: namespace),
            let data = FileManager.default.contents(atPath: path(name, namespace))
        else { throw ProviderError(.invalid, "unable to find secret: \(name)") }
        return Array(data)
    }

    /// Writes a secret whole or not at all; after a power cut it is the old one or the new one.
    func write(_ value: [UInt8], name: String, namespace: String) throws(ProviderError) {
        guard value.count <= Self.maximumBytes else {
            throw .invalid(field: "value", "it must not be longer than \(Self.maximumBytes) bytes")
        }
        try AtomicFile.makeDirectory(folder(namespace), permissions: 0o700)
        try AtomicFile.write(value, to: path(name, namespace), permissions: 0o600)
    }

    /// Removes a secret; one that is absent is fine.
    func remove(_ name: String, namespace: String) throws(ProviderError) {
        guard unlink(path(name, namespace)) == 0 || errno == ENOENT else {
            throw ProviderError(
                .storeFailed, "secret \(name) could not be removed: \(String(cString: strerror(errno)))")
        }
    }

    private func folder(_ namespace: String) -> String { directory + "/" + namespace }

    private func path(_ name: String, _ namespace: String) -> String { folder(namespace) + "/" + name }
}
