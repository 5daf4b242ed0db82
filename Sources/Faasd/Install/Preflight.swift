import Containers
import Foundation

/// Looks for what the daemon needs on this machine.
struct Preflight: Sendable {
    /// One thing that was looked at.
    struct Finding: Sendable, Equatable {
        enum Weight: Sendable {
            case fine
            /// The daemon runs, and waits for this.
            case warning
            /// Functions cannot run without this.
            case missing
        }

        let weight: Weight
        let text: String
    }

    let configuration: Configuration
    let runner: any CommandRunner
    let runtime: any ContainerRuntime

    func run() async -> [Finding] {
        [
            await containerd(), await program("runc", package: "runc"), plugins(),
            await program("iptables", package: "iptables"),
            seccomp(),
        ]
    }

    private func containerd() async -> Finding {
        do {
            let version = try await runtime.version()
            return Finding(weight: .fine, text: "containerd \(version.server) answers")
        } catch {
            return Finding(
                weight: .warning,
                text: "containerd does not answer on \(configuration.containerdAddress): "
                    + "install it (apt install containerd) and start it; faasd waits for it")
        }
    }

    private func program(_ name: String, package: String) async -> Finding {
        do {
            let result = try await runner.run(Command(name, ["--version"]))
            if result.succeeded {
                let line = result.outputText.split(separator: "\n").first.map(String.init) ?? name
                return Finding(weight: .fine, text: line)
            }
        } catch {
            return Finding(weight: .missing, text: "\(name) is not found: apt install \(package)")
        }
        return Finding(weight: .missing, text: "\(name) does not run: apt install --reinstall \(package)")
    }

    private func plugins() -> Finding {
        let needed = ["bridge", "host-local", "loopback", "firewall"]
        let directories = configuration.network.pluginDirectories
        let missing = needed.filter { name in
            !directories.contains { FileManager.default.isExecutableFile(atPath: $0 + "/" + name) }
        }
        guard missing.isEmpty else {
            return Finding(
                weight: .missing,
                text: "CNI plugins \(missing.joined(separator: ", ")) are not in "
                    + "\(directories.joined(separator: " or ")): apt install containernetworking-plugins")
        }
        return Finding(weight: .fine, text: "CNI plugins are there")
    }

    private func seccomp() -> Finding {
        Seccomp.isFilterSupported
            ? Finding(weight: .fine, text: "seccomp filters are supported (libseccomp \(Seccomp.version))")
            : Finding(weight: .missing, text: "this kernel has no seccomp filters, which every function gets")
    }
}
