/// What one look at the machine's rules shows of the attachments of a network.
public struct NetworkSurvey: Sendable {
    /// What an attachment lacks.
    public enum Damage: Sendable, Equatable {
        /// Somebody removed the name of the network namespace.
        case namespaceMissing
        /// The device is not at the bridge: somebody removed one or the other.
        case disconnected
    }

    /// The containers that have rules for reaching other machines.
    let masqueraded: Set<String>
    /// The rules by which traffic passes the host's firewall, as `iptables -S` prints them.
    let forwardRules: [String]
}

extension CNINetwork {
    /// Looks at the rules.
    ///
    /// - Throws: `internalError` when a program cannot be run.
    public func survey() async throws -> NetworkSurvey {
        let masquerade = try await runner.run(Command("iptables", ["-w", "-t", "nat", "-S", "POSTROUTING"]))
        let forward = try await runner.run(Command("iptables", ["-w", "-S", "CNI-FORWARD"]))
        return NetworkSurvey(
            masqueraded: MasqueradeRules.containers(in: masquerade.outputText, network: settings.networkName),
            forwardRules: forward.outputText.split(separator: "\n").map(String.init))
    }

    /// What an attachment lacks, so that it cannot be reached; nil when all is there, or when nothing is known of it.
    /// No program is run.
    public func damage(of namespace: NetworkNamespace, containerID: String) -> NetworkSurvey.Damage? {
        guard let device = hostDevice(containerID) else { return nil }
        if !probe.hasPort(device) { return .disconnected }
        return namespace.isNamed ? nil : .namespaceMissing
    }

    /// Whether the rules of an attachment are there. A host whose firewall is not iptables has them elsewhere, so
    /// only their going is a sign, not their absence.
    public func hasRules(containerID: String, address: String, in survey: NetworkSurvey) -> Bool {
        survey.masqueraded.contains(containerID) && survey.forwardRules.contains { $0.contains(" \(address)/32 ") }
    }
}
