/// The chains which the CNI plugin `firewall` makes and never removes, because networks share them.
struct FirewallChains: Sendable {
    private static let forward = "CNI-FORWARD"
    private static let admin = "CNI-ADMIN"

    let runner: any CommandRunner

    /// Removes the chains when nothing is in them but what the plugin puts there itself: no other network is
    /// attached, and no operator has added a rule.
    func removeIfUnused() async throws {
        let forwardRules = try await rules(of: Self.forward)
        let adminRules = try await rules(of: Self.admin)
        guard let forwardRules, adminRules?.isEmpty ?? true,
            forwardRules.allSatisfy({ $0.hasSuffix("-j \(Self.admin)") })
        else { return }
        let jumps = try await rules(of: "FORWARD")?.filter { $0.hasSuffix("-j \(Self.forward)") } ?? []
        for _ in jumps {
            try await change([
                "-D", "FORWARD", "-m", "comment", "--comment", "CNI firewall plugin rules", "-j", Self.forward,
            ])
        }
        try await change(["-F", Self.forward])
        try await change(["-X", Self.forward])
        if adminRules != nil { try await change(["-X", Self.admin]) }
    }

    /// The rules of a chain, `nil` when there is no such chain.
    private func rules(of chain: String) async throws -> [String]? {
        let result = try await runner.run(Command("iptables", ["-w", "-S", chain]))
        guard result.succeeded else { return nil }
        return result.outputText.split(separator: "\n").map(String.init).filter { $0.hasPrefix("-A ") }
    }

    private func change(_ arguments: [String]) async throws {
        let result = try await runner.run(Command("iptables", ["-w"] + arguments))
        guard result.succeeded else {
            throw ContainersError(
                .networkFailed, "iptables \(arguments.joined(separator: " ")) failed", details: result.error)
        }
    }
}
