import Containers
import Foundation
import Glibc

/// Looks at the clock, by which certificates, schedules and the order of deployments go.
enum ClockCheck {
    /// Nothing of this program is older: 2025-01-01.
    private static let earliest = 1_735_689_600

    static func run(_ runner: any CommandRunner) async -> [Finding] {
        var isSynchronized = true
        if Systemctl.isRunning {
            let arguments = ["show", "--property", "NTPSynchronized", "--value"]
            let result = try? await runner.run(Command("timedatectl", arguments))
            isSynchronized = result?.outputText.hasPrefix("no") != true
        }
        return [finding(now: time(nil), isSynchronized: isSynchronized)]
    }

    static func finding(now: Int, isSynchronized: Bool) -> Finding {
        if now < earliest {
            return .problem(
                "the clock is wrong: it is \(Date(timeIntervalSince1970: Double(now)).formatted(.iso8601))",
                fix: "timedatectl set-ntp true")
        }
        return isSynchronized
            ? .fine("the clock is right, as far as this machine knows")
            : .warning("nothing keeps the clock right", fix: "apt install systemd-timesyncd; timedatectl set-ntp true")
    }
}

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

/// Looks for what nobody knows of any more.
struct LeftoverCheck: Sendable {
    let configuration: Configuration
    let machine: MachineParts

    func run() async -> [Finding] {
        let prefix = configuration.network.bridge + "-"
        let names = NetworkNamespaces(runner: machine.runner).list(prefix: prefix).map(\.name)
        guard !names.isEmpty, let ids = try? await containers() else { return [] }
        let stale = Self.stale(names, prefix: prefix, containers: ids)
        guard !stale.isEmpty else { return [] }
        return [
            .warning(
                "network namespaces without a container: \(stale.joined(separator: ", "))",
                fix: "the daemon removes its own at its start; else: ip netns delete NAME")
        ]
    }

    /// A replica's namespace and its container end with the same eight digits.
    static func stale(_ names: [String], prefix: String, containers: [String]) -> [String] {
        let known = Set(containers.compactMap { $0.split(separator: "-").last.map(String.init) })
        return names.filter { !known.contains(String($0.dropFirst(prefix.count))) }
    }

    private func containers() async throws -> [String] {
        let namespaces = try await machine.ctr.namespaces().map(\.name)
        var ids: [String] = []
        for namespace in namespaces where namespace.hasPrefix(configuration.namespacePrefix) {
            ids += try await machine.ctr.list(namespace: namespace).map(\.id)
        }
        return ids
    }
}
