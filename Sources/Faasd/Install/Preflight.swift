import Containers
import Foundation

/// Looks for what the daemon needs on this machine. Nothing is changed.
struct Preflight: Sendable {
    let configuration: Configuration
    let runner: any CommandRunner
    let runtime: any ContainerRuntime
    /// Whether it is wrong that containerd does not answer; before an installation it is not.
    var needsContainerd = false
    /// What the kernel tells.
    var kernel = KernelFacts()

    /// Everything, in the order in which it is best mended.
    func run() async -> [Finding] {
        var findings = kernel.findings(snapshotter: configuration.snapshotter) + [seccomp()]
        findings += [await containerd(), await runc(), plugins()]
        for (program, package, question) in [("ip", "iproute2", "-V"), ("iptables", "iptables", "--version")] {
            findings.append(await self.program(program, package: package, question: question))
        }
        findings += PortCheck().findings(configuration.listen + configuration.metricsListen)
        findings += DiskCheck.findings([configuration.dataDirectory, "/var/lib/containerd"])
        if FileManager.default.fileExists(atPath: "/sys/class/net/docker0") {
            findings.append(.fine("Docker is here; its networks, rules and containers are left alone"))
        }
        return findings
    }

    private func containerd() async -> Finding {
        do {
            let version = try await runtime.version()
            return KnownHoles.finding(.containerd, version: version.server, otherwise: "and answers")
        } catch {
            return Finding(
                level: needsContainerd ? .problem : .warning,
                text: "containerd does not answer on \(configuration.containerdAddress); faasd waits for it",
                fix: "apt install containerd; systemctl start containerd")
        }
    }

    private func runc() async -> Finding {
        guard let line = await firstLine("runc", "--version") else {
            return .problem("runc is not found, or does not run", fix: "apt install --reinstall runc")
        }
        return KnownHoles.finding(
            .runc, version: line.split(separator: " ").last.map(String.init) ?? line, otherwise: "is there")
    }

    private func program(_ name: String, package: String, question: String) async -> Finding {
        guard let line = await firstLine(name, question) else {
            return .problem("\(name) is not found, or does not run", fix: "apt install --reinstall \(package)")
        }
        return .fine(line)
    }

    /// `nil` when the program is absent or fails.
    private func firstLine(_ program: String, _ question: String) async -> String? {
        guard let result = try? await runner.run(Command(program, [question])), result.succeeded else { return nil }
        return result.outputText.split(separator: "\n").first.map(String.init) ?? program
    }

    private func plugins() -> Finding {
        let needed = ["bridge", "host-local", "loopback", "firewall"]
        let directories = configuration.network.pluginDirectories
        let missing = needed.filter { name in
            !directories.contains { FileManager.default.isExecutableFile(atPath: $0 + "/" + name) }
        }
        guard missing.isEmpty else {
            return .problem(
                "CNI plugins \(missing.joined(separator: ", ")) are not in \(directories.joined(separator: " or "))",
                fix: "apt install containernetworking-plugins")
        }
        return .fine("CNI plugins are there")
    }

    private func seccomp() -> Finding {
        Seccomp.isFilterSupported
            ? .fine("seccomp filters are supported (libseccomp \(Seccomp.version))")
            : .problem(
                "this kernel has no seccomp filters, which every function gets",
                fix: "boot a kernel with CONFIG_SECCOMP_FILTER")
    }
}
