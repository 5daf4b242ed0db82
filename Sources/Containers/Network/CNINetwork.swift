import Glibc
public import Logging

/// Connects network namespaces to a bridge, by the CNI plugins of the machine.
///
/// An attachment belongs to a container id. The result of the plugins is kept in a file beside the addresses, because
/// the plugins need it to undo their work, also in a later process.
///
/// Containers reach the internet and, of the host, the ports of ``CNISettings/hostPorts`` and
/// ``CNISettings/hostServices`` on ``gatewayAddress``. They reach neither each other, nor anything else of the host,
/// nor link-local addresses, where clouds keep the machine's metadata, nor anything by IPv6. A container that may forge
/// its address (`CAP_NET_RAW`, `CAP_NET_ADMIN`) can pass for one that may read metadata.
public struct CNINetwork: Sendable {
    let settings: CNISettings
    private let plugins: CNIPlugins
    let runner: any CommandRunner
    private let logger: Logger
    private let grants: MetadataGrants
    /// The containers that all others may reach.
    private let shares: MetadataGrants
    let isolation: NetworkIsolation
    /// Plugins lock iptables and the addresses against each other; more at a time would only wait.
    private let places = ConcurrencyLimit(4)

    private var configuration: CNIConfiguration { CNIConfiguration(settings: settings) }

    /// Makes a network. Nothing is done yet.
    public init(settings: CNISettings, runner: any CommandRunner = SubprocessRunner(), logger: Logger) {
        self.settings = settings
        self.runner = runner
        self.logger = logger
        grants = MetadataGrants(directory: "\(settings.dataDirectory)/metadata")
        shares = MetadataGrants(directory: "\(settings.dataDirectory)/shared")
        isolation = NetworkIsolation(settings: settings, runner: runner, grants: grants, shares: shares)
        plugins = CNIPlugins(directories: settings.pluginDirectories, subnet: settings.subnet, runner: runner)
    }

    /// The host's address on the bridge, where containers reach the host.
    public var gatewayAddress: String { settings.subnet.gateway }

    /// Writes the network's description where other programs look for it, if it is not there already.
    ///
    /// - Returns: Whether it was written.
    /// - Throws: `internalError`.
    @discardableResult
    public func install() throws(ContainersError) -> Bool {
        let path = "\(settings.configurationDirectory)/\(settings.configurationFile)"
        guard SmallFile.read(path) != configuration.list else { return false }
        try SmallFile.makeDirectories(settings.configurationDirectory, mode: 0o755)
        try SmallFile.write(configuration.list, to: path)
        return true
    }

    /// Connects a namespace: loopback up, a device on the bridge, an address, a default route, rules for the firewall,
    /// and what isolates it. Nothing should run in the namespace before this returns.
    ///
    /// - Parameters:
    ///   - allowMetadata: Whether link-local addresses may be reached, such as 169.254.169.254.
    ///   - isShared: Whether it and all other containers may reach each other, as it is there for them.
    /// - Throws: `invalidArgument` for a bad id; `addressesUsed`, `networkFailed`, after which everything done is undone.
    public func attach(
        _ namespace: NetworkNamespace, containerID: String, allowMetadata: Bool = false, isShared: Bool = false
    ) async throws -> NetworkAttachment {
        try RuntimeNames.checkIdentifier(containerID, field: "container id")
        return try await places.run {
            do {
                let attachment = try await add(namespace, containerID: containerID)
                try await isolate(
                    attachment, containerID: containerID, allowMetadata: allowMetadata, isShared: isShared)
                return attachment
            } catch {
                await undo(namespace, containerID: containerID)
                throw error
            }
        }
    }

    /// Disconnects a namespace and frees its address. Doing it twice is fine, and so is a namespace that is gone.
    ///
    /// - Throws: `networkFailed` when a plugin fails; the other plugins have been run all the same.
    public func detach(_ namespace: NetworkNamespace, containerID: String) async throws {
        try RuntimeNames.checkIdentifier(containerID, field: "container id")
        try await places.run { try await remove(namespace, containerID: containerID) }
    }

    /// Removes the bridge, its rules, the description of the network and the files about addresses. For when no
    /// container is left.
    ///
    /// - Throws: `networkFailed`, `internalError`.
    public func uninstall() async throws {
        let result = try await runner.run(Command("ip", ["link", "delete", settings.bridge, "type", "bridge"]))
        guard result.succeeded || result.error.contains("Cannot find device") else {
            throw ContainersError(
                .networkFailed, "the bridge \(settings.bridge) could not be removed", details: result.error)
        }
        try await isolation.removeRules()
        try await FirewallChains(runner: runner).removeIfUnused()
        unlink("\(settings.configurationDirectory)/\(settings.configurationFile)")
        let leases = "\(configuration.leaseDirectory)/\(settings.networkName)"
        for directory in [resultDirectory, grants.directory, shares.directory, leases] {
            DirectoryContents.remove(directory)
        }
        rmdir(settings.dataDirectory)
    }

    private func add(_ namespace: NetworkNamespace, containerID: String) async throws -> NetworkAttachment {
        var target = target(namespace, containerID)
        target.interface = "lo"
        _ = try await plugins.run("loopback", .add, target: target, input: Self.loopback)
        target.interface = settings.interface
        var result: String?
        for plugin in configuration.plugins {
            result = try await plugins.run(
                plugin.type, .add, target: target, input: configuration.input(plugin, previousResult: result))
            // Kept after each plugin, so that what is undone is what was done.
            try keep(result ?? "", containerID: containerID)
        }
        return try CNIResult.attachment(result ?? "", settings: settings)
    }

    /// After the plugins: the plugin for the firewall puts its own rules first when it is run for the first time.
    private func isolate(
        _ attachment: NetworkAttachment, containerID: String, allowMetadata: Bool, isShared: Bool
    ) async throws {
        let device = try CNIResult.hostDevice(SmallFile.read(resultFile(containerID)) ?? "", settings: settings)
        try grants.note(containerID, address: attachment.address, allowed: allowMetadata)
        try shares.note(containerID, address: attachment.address, allowed: isShared)
        async let repairs = isolation.applyRules()
        // Ports that are isolated reach those that are not.
        if !isShared { try await isolation.isolatePort(device) }
        try await isolation.disableIPv6()
        _ = try await repairs
    }

    private func remove(_ namespace: NetworkNamespace, containerID: String) async throws {
        let target = target(namespace, containerID)
        let result = SmallFile.read(resultFile(containerID))
        var failure: (any Error)?
        // Before the address is free for another container.
        let (wasGranted, wasShared) = (grants.forget(containerID), shares.forget(containerID))
        if wasGranted || wasShared {
            do {
                _ = try await isolation.applyRules()
            } catch {
                failure = error
            }
        }
        for plugin in configuration.plugins.reversed() {
            do {
                _ = try await plugins.run(
                    plugin.type, .delete, target: target, input: configuration.input(plugin, previousResult: result))
            } catch {
                failure = failure ?? error
            }
        }
        if let failure { throw failure }
        // Also after a plugin: one that was killed between device and rules finds no device the next time, and leaves
        // the rules.
        try await MasqueradeRules(runner: runner).remove(network: settings.networkName, containerID: containerID)
        unlink(resultFile(containerID))
    }

    private func undo(_ namespace: NetworkNamespace, containerID: String) async {
        do {
            try await withoutCancellation { try await remove(namespace, containerID: containerID) }
        } catch {
            logger.error(
                "a half-made network attachment could not be undone",
                metadata: ["container": "\(containerID)", "error": "\(error)"])
        }
    }

    private static let loopback =
        #"{"cniVersion":"\#(CNIConfiguration.version)","name":"loopback","type":"loopback"}"#

    /// An empty path tells a plugin that the namespace is gone, or never was, and that only addresses and rules are
    /// left to free.
    private func target(_ namespace: NetworkNamespace, _ containerID: String) -> CNIPlugins.Target {
        CNIPlugins.Target(
            containerID: containerID, namespacePath: namespace.isMounted ? namespace.path : "",
            interface: settings.interface)
    }

    private var resultDirectory: String { "\(settings.dataDirectory)/results" }

    /// The port of the bridge that a container has, as the plugins told.
    func hostDevice(_ containerID: String) -> String? { hostDevice(inResult: resultFile(containerID)) }

    /// The ports of all containers that are to be kept apart.
    func hostDevices() -> [String] {
        let shared = Set(shares.names.map(resultFile))
        return DirectoryContents.names(in: resultDirectory).map { "\(resultDirectory)/\($0)" }
            .filter { !shared.contains($0) }.compactMap(hostDevice(inResult:))
    }

    /// How a container is connected, as the plugins told when it was; nil for one that is not.
    public func attachment(of containerID: String) -> NetworkAttachment? {
        SmallFile.read(resultFile(containerID)).flatMap { try? CNIResult.attachment($0, settings: settings) }
    }

    private func hostDevice(inResult path: String) -> String? {
        SmallFile.read(path).flatMap { try? CNIResult.hostDevice($0, settings: settings) }
    }

    private func resultFile(_ containerID: String) -> String {
        "\(resultDirectory)/\(settings.networkName)-\(containerID)-\(settings.interface)"
    }

    private func keep(_ result: String, containerID: String) throws(ContainersError) {
        try SmallFile.makeDirectories(resultDirectory, mode: 0o755)
        try SmallFile.write(result, to: resultFile(containerID), mode: 0o600)
    }
}
