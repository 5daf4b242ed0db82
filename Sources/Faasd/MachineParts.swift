import Containers
import Logging
import OpenFaaSAPI
import Provider

/// What of this machine the settings speak of.
struct MachineParts: Sendable {
    let configuration: Configuration
    let runner: any CommandRunner
    let ctr: Ctr
    let network: CNINetwork
    let hostFiles: HostFiles
    let logger: Logger

    /// Makes the parts; nothing on the machine is changed.
    init(_ configuration: Configuration, logger: Logger) throws {
        self.configuration = configuration
        self.logger = logger
        let runner = SubprocessRunner()
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
                configurationFile: "10-openfaas.conflist", dataDirectory: configuration.network.dataDirectory),
            runner: runner, logger: logger)
        hostFiles = HostFiles(
            hostsPath: configuration.dataDirectory + "/hosts",
            resolverPath: configuration.dataDirectory + "/resolv.conf")
    }

    /// The parts as the provider takes them.
    var machine: Machine {
        Machine(
            runtime: ctr,
            images: ImageStore(
                ctr: ctr,
                settings: ImageSettings(
                    dockerConfigPaths: [configuration.registryConfig],
                    insecureRegistries: configuration.insecureRegistries)),
            network: network, networkNamespaces: NetworkNamespaces(runner: runner), hostFiles: hostFiles,
            collector: Executable.path, logDirectory: configuration.dataDirectory + "/logs", logger: logger)
    }
}
