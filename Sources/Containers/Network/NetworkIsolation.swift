import Glibc

/// Keeps the containers of a bridge apart from each other and from the host; see ``IsolationRules``.
struct NetworkIsolation: Sendable {
    private static let sysctls = "/proc/sys/net/ipv6/conf"

    private let settings: CNISettings
    private let runner: any CommandRunner
    private let grants: MetadataGrants
    private let shares: MetadataGrants
    /// Rules are read, compared and then changed, which only one may do at a time.
    private let turn = ConcurrencyLimit(1)

    init(settings: CNISettings, runner: any CommandRunner, grants: MetadataGrants, shares: MetadataGrants) {
        self.settings = settings
        self.runner = runner
        self.grants = grants
        self.shares = shares
    }

    /// Makes the rules what they should be.
    ///
    /// - Returns: What was not.
    /// - Throws: `networkFailed`.
    func applyRules() async throws -> Set<NetworkRepair> {
        try await turn.run {
            async let firewall = change(.ipv4) { rules.repair($0) }
            async let firewall6 = change(.ipv6) { IPv6Rules(bridge: settings.bridge).repair($0) }
            let changed = try await (firewall, firewall6)
            return Set<NetworkRepair>(changed.0 ? [.rules] : []).union(changed.1 ? [.rulesForIPv6] : [])
        }
    }

    /// Removes the rules.
    func removeRules() async throws {
        try await turn.run {
            _ = try await change(.ipv4) { rules.removal($0) }
            _ = try await change(.ipv6) { IPv6Rules(bridge: settings.bridge).removal($0) }
        }
    }

    /// Lets no frame pass from a port of the bridge to another that is isolated as well; only the host is reached.
    func isolatePort(_ device: String) async throws {
        try await require(Command("ip", ["link", "set", "dev", device, "type", "bridge_slave", "isolated", "on"]))
    }

    /// Whether a device is a port of the bridge that is not isolated.
    func isOpenPort(_ device: String) -> Bool {
        let port = "\(settings.systemDirectory)/class/net/\(settings.bridge)/brif/\(device)"
        return SmallFile.read("\(port)/isolated")?.hasPrefix("0") ?? false
    }

    /// Takes IPv6 off the bridge: every device with it has an address that its neighbours can speak to.
    func disableIPv6() async throws {
        guard access(Self.sysctls, F_OK) == 0 else { return }
        try await require(
            Command("tee", [sysctl], input: .bytes(Array("1\n".utf8)), output: .discarded))
    }

    /// Whether the bridge has IPv6. /proc/sys/net shows the network namespace of who looks, so the runner looks.
    func bridgeHasIPv6() async throws -> Bool {
        guard access(Self.sysctls, F_OK) == 0 else { return false }
        let result = try await runner.run(Command("cat", [sysctl]))
        return result.succeeded && result.outputText.hasPrefix("0")
    }

    private var sysctl: String { "\(Self.sysctls)/\(settings.bridge)/disable_ipv6" }

    private var rules: IsolationRules {
        IsolationRules(
            bridge: settings.bridge, gateway: settings.subnet.gateway, subnet: settings.subnet.description,
            services: settings.hostPorts.map { HostService(.tcp, $0) } + settings.hostServices,
            metadataReaders: grants.addresses.filter(settings.subnet.contains),
            shared: shares.addresses.filter(settings.subnet.contains))
    }

    private enum Family: String {
        case ipv4 = "iptables"
        case ipv6 = "ip6tables"
    }

    /// A machine without IPv6 has no rules for it, and no need of any.
    private func change(_ family: Family, _ plan: (String) -> String?) async throws -> Bool {
        let listing = try await runner.run(Command(family.rawValue, ["-w", "-S"]))
        guard listing.succeeded else {
            guard family == .ipv4 else { return false }
            throw ContainersError(
                .networkFailed, "the rules of the firewall cannot be read by iptables: \(listing.status)",
                details: listing.error)
        }
        guard let script = plan(listing.outputText) else { return false }
        try await require(
            Command("\(family.rawValue)-restore", ["-w", "--noflush"], input: .bytes(Array(script.utf8))))
        return true
    }

    private func require(_ command: Command) async throws {
        let result = try await runner.run(command)
        guard result.succeeded else {
            throw ContainersError(
                .networkFailed,
                "the network \"\(settings.networkName)\" could not be isolated: \(command.name): \(result.status)",
                details: result.error)
        }
    }
}
