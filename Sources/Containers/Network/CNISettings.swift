/// The network that containers share: one bridge, one range of addresses.
public struct CNISettings: Sendable, Equatable {
    /// The network's name.
    public var networkName: String
    /// The bridge's name on the host: at most 15 bytes, which is the kernel's limit for a device.
    public var bridge: String
    /// The range of addresses. The bridge has the first.
    public var subnet: Subnet
    /// Where plugins are looked for, in this order.
    public var pluginDirectories: [String]
    /// Where the description of the network is written for other programs to see.
    public var configurationDirectory: String
    /// The file's name there.
    public var configurationFile: String
    /// Where addresses that are taken, and results of plugins, are kept. It should not outlive a restart of the
    /// machine, as network namespaces do not.
    public var dataDirectory: String
    /// The device's name in a container.
    public var interface: String
    /// The TCP ports of the host that containers may reach, on the bridge's address only.
    public var hostPorts: [UInt16]
    /// More that containers may reach there, such as ``HostService/dns``.
    public var hostServices: [HostService]
    /// Where sysfs is mounted. It shows the network of the process that mounted it.
    public var systemDirectory: String

    /// A rule each, which every new connection to the host passes in turn.
    private static let maximumServices = 64

    /// Makes settings.
    ///
    /// - Throws: `invalidArgument` for a name, a path or a port that cannot be one.
    public init(
        networkName: String, bridge: String, subnet: Subnet,
        pluginDirectories: [String] = ["/opt/cni/bin", "/usr/lib/cni"],
        configurationDirectory: String = "/etc/cni/net.d", configurationFile: String,
        dataDirectory: String, interface: String = "eth0", hostPorts: [UInt16] = [],
        hostServices: [HostService] = [], systemDirectory: String = "/sys"
    ) throws(ContainersError) {
        try RuntimeNames.checkIdentifier(networkName, field: "network name")
        for device in [bridge, interface] {
            try RuntimeNames.checkIdentifier(device, field: "network device")
            guard device.utf8.count <= 15 else {
                throw ContainersError(
                    .invalidArgument, "the network device \"\(device)\" must have at most 15 characters")
            }
        }
        try LogOptions.checkFileName(configurationFile, field: "network configuration file")
        for path in pluginDirectories + [configurationDirectory, dataDirectory, systemDirectory] {
            try RuntimeNames.checkAbsolutePath(path, field: "network directory")
            guard !path.contains(":") else {
                throw ContainersError(.invalidArgument, "the network directory \"\(path)\" must not hold ':'")
            }
        }
        guard !hostPorts.contains(0), !hostServices.contains(where: { $0.port == 0 }),
            hostPorts.count + hostServices.count <= Self.maximumServices
        else {
            throw ContainersError(
                .invalidArgument,
                "the ports of the host must be at most \(Self.maximumServices), each from 1 to 65535")
        }
        self.networkName = networkName
        self.bridge = bridge
        self.subnet = subnet
        self.pluginDirectories = pluginDirectories
        self.configurationDirectory = configurationDirectory
        self.configurationFile = configurationFile
        self.dataDirectory = dataDirectory
        self.interface = interface
        self.hostPorts = hostPorts
        self.hostServices = hostServices
        self.systemDirectory = systemDirectory
    }
}

/// How a container is connected.
public struct NetworkAttachment: Sendable, Equatable {
    /// The container's IPv4 address.
    public let address: String
    /// The length of its network's prefix.
    public let prefixLength: Int
    /// The host's address on the bridge.
    public let gateway: String
    /// The device in the container.
    public let interface: String
    /// The device's hardware address, if the plugin told it.
    public let macAddress: String?

    /// Makes a value, as a network does.
    public init(address: String, prefixLength: Int, gateway: String, interface: String, macAddress: String? = nil) {
        self.address = address
        self.prefixLength = prefixLength
        self.gateway = gateway
        self.interface = interface
        self.macAddress = macAddress
    }
}
