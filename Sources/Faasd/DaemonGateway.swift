import CLI
import Foundation

/// The way of the operator's commands to the daemon on this machine.
struct DaemonGateway: Sendable {
    let configuration: Configuration

    /// Where the daemon of these settings listens, seen from this machine.
    var address: String {
        // `init` has seen to it that there is one.
        let endpoint = configuration.listen.first ?? Configuration.Endpoint(host: "127.0.0.1", port: 8080)
        let host =
            switch endpoint.host {
            case "0.0.0.0": "127.0.0.1"
            case "::": "[::1]"
            case let other where other.contains(":"): "[\(other)]"
            case let other: other
            }
        return "http://\(host):\(endpoint.port)"
    }

    /// Runs a body with a client that knows the password.
    ///
    /// - Throws: ``InstallError`` when the password cannot be read, or the daemon does not answer.
    func with<Value: Sendable>(_ body: (LocalGateway) async throws -> Value) async throws -> Value {
        do {
            return try await LocalGateway.with(address, credentials: try credentials(), body)
        } catch let error as LocalGateway.Unreachable {
            throw InstallError("\(error): is the daemon running? See: systemctl status faasd; faasd doctor")
        }
    }

    private func credentials() throws -> (user: String, password: String) {
        (try secret("basic-auth-user"), try secret("basic-auth-password"))
    }

    private func secret(_ name: String) throws -> String {
        let path = configuration.secretsDirectory + "/" + name
        do {
            return try String(contentsOfFile: path, encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)
        } catch {
            let isThere = FileManager.default.fileExists(atPath: configuration.secretsDirectory)
            throw InstallError(
                "cannot read \(path): \(error.localizedDescription)"
                    + (isThere || geteuid() != 0 ? "; it needs root: sudo faasd …" : "; was the daemon ever started?"))
        }
    }
}
