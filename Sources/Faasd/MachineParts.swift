import Containers
import Logging
import OpenFaaSAPI
import Provider
import Services

/// What of this machine the settings speak of.
struct MachineParts: Sendable {
    let configuration: Configuration
    let runner: any CommandRunner
    let ctr: Ctr
    let network: CNINetwork
    let hostFiles: HostFiles
    let logger: Logger

    /// Makes the parts; nothing on the machine is changed.
    ///
    /// - Parameter owner: the name of the daemon, whose programs must end with it; see `LeftoverPrograms`.
    init(_ configuration: Configuration, owner: String? = nil, logger: Logger) throws {
        self.configuration = configuration
        self.logger = logger
        let runner = SubprocessRunner(owner: owner)
        self.runner = runner
        ctr = Ctr(
            settings: CtrSettings(
                address: configuration.containerdAddress, privateDirectory: configuration.runDirectory + "/private",
                executable: configuration.ctr, snapshotter: configuration.snapshotter,
                probeNamespace: configuration.namespacePrefix + FunctionName.defaultNamespace),
            runner: runner, logger: logger)
        network = CNINetwork(
            settings: try CNISettings(
                networkName: configuration.network.name, bridge: configuration.network.bridge,
                subnet: configuration.network.subnet, pluginDirectories: configuration.network.pluginDirectories,
                configurationDirectory: configuration.network.configurationDirectory,
                configurationFile: "10-openfaas.conflist", dataDirectory: configuration.network.dataDirectory,
                // Functions call each other through the gateway; nothing else of the host is theirs.
                hostPorts: configuration.listen.prefix(1).compactMap { UInt16(exactly: $0.port) }.filter { $0 > 0 }),
            runner: runner, logger: logger)
        hostFiles = HostFiles(
            hostsPath: configuration.dataDirectory + "/hosts",
            resolverPath: configuration.dataDirectory + "/resolv.conf")
    }

    private var images: ImageStore {
        ImageStore(
            ctr: ctr,
            settings: ImageSettings(
                dockerConfigPaths: [configuration.registryConfig],
                insecureRegistries: configuration.insecureRegistries))
    }

    /// The parts as services take them.
    var services: ServiceMaker {
        ServiceMaker(
            settings: ServiceMaker.Settings(
                namespace: configuration.servicesNamespace, instance: configuration.network.bridge,
                gatewayAddress: network.gatewayAddress, logDirectory: configuration.dataDirectory + "/logs",
                runDirectory: configuration.runDirectory, collector: Executable.path, stopGrace: configuration.stopGrace
            ),
            parts: ServiceMaker.Parts(
                runtime: ctr, images: images, network: network, networkNamespaces: NetworkNamespaces(runner: runner),
                hostFiles: hostFiles),
            logger: logger)
    }

    /// The parts as the provider takes them.
    var machine: Machine {
        Machine(
            runtime: ctr,
            images: images,
            network: network, networkNamespaces: NetworkNamespaces(runner: runner), hostFiles: hostFiles,
            collector: Executable.path, logDirectory: configuration.dataDirectory + "/logs", logger: logger)
    }
}
