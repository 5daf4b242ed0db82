/// Something of a network that was not as it should be, and is now.
public enum NetworkRepair: String, Sendable, CaseIterable, CustomStringConvertible {
    /// Rules of iptables, or their order.
    case rules = "rules of iptables"
    /// Rules of ip6tables.
    case rulesForIPv6 = "rules of ip6tables"
    /// IPv6 was on on the bridge.
    case bridgeWithIPv6 = "IPv6 on the bridge"
    /// A container could reach another one through the bridge.
    case openPorts = "isolation of ports of the bridge"

    /// In words.
    public var description: String { rawValue }
}

extension CNINetwork {
    /// How long an attachment may take between its device and the isolation of it.
    private static let attachTime = Duration.seconds(1)

    /// Sees that what isolates the containers of this network is as it should be, and restores it where it is not:
    /// after rules were flushed, after a restart of a firewall, for containers attached by a version without it.
    ///
    /// A bridge that is gone is not made again, since containers do not come back with it; see ``bridgeState()``.
    ///
    /// - Returns: What was restored or, on a network that was not used yet, made.
    /// - Throws: `networkFailed`.
    @discardableResult
    public func ensure() async throws -> Set<NetworkRepair> {
        var repairs = try await isolation.applyRules()
        guard bridgeState() != .absent else { return repairs }
        if try await isolation.bridgeHasIPv6() {
            try await isolation.disableIPv6()
            repairs.insert(.bridgeWithIPv6)
        }
        let open = hostDevices().filter(isolation.isOpenPort)
        // One that is being attached is open for a moment, and is no damage.
        if !open.isEmpty { try await Task.sleep(for: Self.attachTime) }
        for device in open where isolation.isOpenPort(device) {
            try await isolation.isolatePort(device)
            repairs.insert(.openPorts)
        }
        return repairs
    }

    /// Whether the bridge is there and has its address. No program is run, so this may be asked often.
    public func bridgeState() -> BridgeState { probe.state() }

    /// Whether a container's namespace is there and its device is still a port of the bridge. No program is run.
    public func isAttached(_ namespace: NetworkNamespace, containerID: String) -> Bool {
        hostDevice(containerID) != nil && damage(of: namespace, containerID: containerID) == nil
    }

    var probe: BridgeProbe {
        BridgeProbe(
            systemDirectory: settings.systemDirectory, bridge: settings.bridge, gateway: settings.subnet.gateway)
    }
}
