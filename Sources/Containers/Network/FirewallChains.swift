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
        // Nothing is flushed: a chain that another network has begun to use in the meantime cannot be deleted, and
        // one that another instance deletes at the same time is as good as deleted by us.
        for _ in try await rules(of: "FORWARD")?.filter({ $0.hasSuffix("-j \(Self.forward)") }) ?? [] {
            await change(["-D", "FORWARD"] + Self.comment("CNI firewall plugin rules") + ["-j", Self.forward])
        }
        for _ in forwardRules {
            await change(
                ["-D", Self.forward] + Self.comment("CNI firewall plugin admin overrides") + ["-j", Self.admin])
        }
        await change(["-X", Self.forward])
        await change(["-X", Self.admin])
    }

    /// The plugin marks its rules with these.
    private static func comment(_ text: String) -> [String] { ["-m", "comment", "--comment", text] }

    /// The rules of a chain, `nil` when there is no such chain.
    private func rules(of chain: String) async throws -> [String]? {
        let result = try await runner.run(Command("iptables", ["-w", "-S", chain]))
        guard result.succeeded else { return nil }
        return result.outputText.split(separator: "\n").map(String.init).filter { $0.hasPrefix("-A ") }
    }

    private func change(_ arguments: [String]) async {
        _ = try? await runner.run(Command("iptables", ["-w"] + arguments))
    }
}
