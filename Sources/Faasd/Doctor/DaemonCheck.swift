import CLI
import Foundation
import OpenFaaSAPI

/// Asks the daemon whether it serves, and which version it is.
struct DaemonCheck: Sendable {
    private static let timeLimit = Duration.seconds(5)

    let configuration: Configuration

    /// What `/system/info` says, as far as it matters here.
    private struct Info: Decodable {
        struct Version: Decodable { let release: String }
        let version: Version?
    }

    func run() async -> (answers: Bool, findings: [Finding]) {
        let gateway = DaemonGateway(configuration: configuration)
        do {
            let health = try await LocalGateway.with(gateway.address, credentials: nil) {
                try await $0.call("GET", "/healthz", timeout: Self.timeLimit)
            }
            guard health.status == 200 else {
                return (
                    true,
                    [
                        .problem(
                            "\(gateway.address)/healthz answers \(health.status), so it may be another program",
                            fix: "see who listens: ss -ltnp; choose another address with the setting listen")
                    ]
                )
            }
            return (true, [.fine("the daemon answers on \(gateway.address)")] + (await version(gateway)))
        } catch {
            return (
                false,
                [
                    .problem(
                        "the daemon does not answer: \(error)",
                        fix: "systemctl start faasd; when it ends again: journalctl -u faasd -n 50")
                ]
            )
        }
    }

    private func version(_ gateway: DaemonGateway) async -> [Finding] {
        do {
            let answer = try await gateway.with { try await $0.call("GET", "/system/info", timeout: Self.timeLimit) }
            guard answer.status == 200 else {
                return [
                    .problem(
                        "the daemon does not take the password of \(configuration.secretsDirectory): \(answer.status)",
                        fix: "the files were changed while it ran: systemctl restart faasd")
                ]
            }
            let release = try? JSONDecoder().decode(Info.self, from: Data(answer.body)).version?.release
            guard let release, release != Version.release else { return [] }
            return [
                .warning(
                    "the daemon that runs is \(release), this program is \(Version.release)",
                    fix: "systemctl restart faasd")
            ]
        } catch {
            return [.problem("\(error)", fix: "run it as root; a password is made at the daemon's start")]
        }
    }
}
