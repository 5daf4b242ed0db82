import ArgumentParser

/// The flags of every command that needs to know the instance.
struct SettingOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Configuration file (YAML).", discussion: "Default: DATA-DIR/config.yaml, if there."))
    var config: String?

    @Option(help: "Directory of what outlives a reboot.")
    var dataDir: String?

    @Option(help: "Directory of what does not.")
    var runDir: String?

    @Option(help: "Address and port to listen on, several with commas between.")
    var listen: String?

    @Option(help: "Address and port for HTTPS, several with commas between; default: none.")
    var tlsListen: String?

    @Option(help: "File of the certificate and those above it, PEM.")
    var tlsCertificate: String?

    @Option(help: "File of its private key, PEM.")
    var tlsKey: String?

    @Option(help: "Whether clients of other machines are sent from HTTP to HTTPS: true or false.")
    var tlsRedirect: String?

    @Option(
        name: .customLong("allow-plain-http"),
        help: "Whether other machines may send passwords without encryption: true or false.")
    var allowPlainHTTP: String?

    @Option(help: "Address and port of /metrics for anybody, such as 127.0.0.1:8082; default: none.")
    var metricsListen: String?

    @Option(
        name: .customLong("provider-url"),
        help: "The provider of `faasd gateway`, such as http://127.0.0.1:8081.")
    var providerURL: String?

    @Option(help: "Directory of the provider's basic-auth-user and basic-auth-password; default: DATA-DIR/secrets.")
    var providerCredentialsDir: String?

    @Option(help: "containerd's socket.")
    var containerdAddress: String?

    @Option(help: "The ctr program.")
    var ctr: String?

    @Option(help: "containerd's snapshotter.")
    var snapshotter: String?

    @Option(help: "Goes before the name of each containerd namespace.")
    var namespacePrefix: String?

    @Option(help: "Name of the CNI network.")
    var network: String?

    @Option(help: "Name of the bridge, at most 15 characters.")
    var bridge: String?

    @Option(help: "The functions' addresses, such as 10.62.0.0/16.")
    var subnet: String?

    @Option(help: "Directories of the CNI plugins, with commas between.")
    var cniBinDir: String?

    @Option(help: "Directory of the CNI network's configuration.")
    var cniConfigDir: String?

    @Option(help: "Directory of the addresses in use.")
    var cniDataDir: String?

    @Option(help: "The fwatchdog program; default: beside faasd.")
    var fwatchdog: String?

    @Option(help: "Whether calls go to the fwatchdog of a function over a Unix socket: true or false.")
    var watchdogSocket: String?

    @Option(help: "IfNotPresent or Always.")
    var imagePullPolicy: String?

    @Option(help: "Registries to be asked without TLS, with commas between.")
    var insecureRegistries: String?

    @Option(help: "Docker's config.json with credentials of registries; default: DATA-DIR/.docker/config.json.")
    var registryConfig: String?

    @Option(help: "How long a function may take to end, such as 10s.")
    var stopGrace: String?

    @Option(help: "How long a function is frozen before its memory is taken back, such as 5m; 0 for never.")
    var idleReclaimAfter: String?

    @Option(help: "How long a function is frozen before it is stopped, such as 1h; 0 for never.")
    var idleStopAfter: String?

    @Option(help: "Labels of this machine for the constraints of functions: KEY=VALUE, with commas between.")
    var nodeLabels: String?

    @Option(help: "How long an update waits for the new replica to serve, such as 50s.")
    var readyTimeout: String?

    @Option(help: "How often everything is compared with the machine, such as 30s.")
    var resyncInterval: String?

    @Option(help: "How long a function may be silent in a call, unless it says so itself, such as 60s.")
    var upstreamTimeout: String?

    @Option(help: "How long a client may be silent within a request's body, such as 60s.")
    var readTimeout: String?

    @Option(help: "How long a client may take nothing of an answer, such as 60s.")
    var writeTimeout: String?

    @Option(help: "How long a client's connection may be unused, such as 75s.")
    var idleTimeout: String?

    @Option(help: "The longest body of a call in bytes; 0 for no limit.")
    var maxBodyBytes: String?

    @Option(help: "File of the access log, or - for standard output; default: none.")
    var accessLog: String?

    @Option(help: "What keeps asynchronous calls: sqlite or nats.")
    var asyncStore: String?

    @Option(
        name: .customLong("nats-url"),
        help: "The NATS server; its password is better put into the configuration file.")
    var natsURL: String?

    @Option(help: "How many asynchronous calls are sent at once.")
    var asyncConcurrency: String?

    @Option(help: "How many of a named queue are sent at once: NAME=NUMBER, with commas between.")
    var asyncQueues: String?

    @Option(help: "The most asynchronous calls that are kept until they have run.")
    var asyncMaxCalls: String?

    @Option(help: "The most bytes of them.")
    var asyncMaxBytes: String?

    @Option(help: "The longest body of an asynchronous call in bytes.")
    var asyncMaxBodyBytes: String?

    @Option(help: "For how long a finished asynchronous call is known, such as 1h.")
    var asyncRetention: String?

    @Option(help: "For how long one that failed for good is kept, such as 168h.")
    var asyncDeadRetention: String?

    @Option(help: "Whether callbacks may go to private addresses: true or false.")
    var asyncAllowPrivateCallbacks: String?

    @Option(help: "Whether replicas follow the load of functions whose labels say so: true or false.")
    var autoscaling: String?

    @Option(help: "How often the load is looked at, such as 1s.")
    var autoscalingInterval: String?

    @Option(help: "For how long fewer replicas must have been enough, such as 60s.")
    var autoscalingStableWindow: String?

    @Option(help: "How long before its run by the clock a function is made ready, such as 1s; 0 for not at all.")
    var cronPrewake: String?

    @Option(help: "Folder whose folders NAME are for the functions with the topic drop:NAME; default: none.")
    var dropFolder: String?

    @Option(help: "For how long a file is kept there in .done after it was taken, such as 24h; 0 for not at all.")
    var dropKeep: String?

    @Option(help: "Whether functions' other topics are subjects of the NATS server: true or false.")
    var natsTopics: String?

    @Option(help: "trace, debug, info, notice, warning or error.")
    var logLevel: String?

    /// What was given on the command line.
    var values: [Setting: String] {
        let pairs: [(Setting, String?)] = [
            (.dataDir, dataDir), (.runDir, runDir), (.listen, listen), (.metricsListen, metricsListen),
            (.tlsListen, tlsListen), (.tlsCertificate, tlsCertificate), (.tlsKey, tlsKey), (.tlsRedirect, tlsRedirect),
            (.allowPlainHTTP, allowPlainHTTP), (.providerURL, providerURL),
            (.providerCredentialsDir, providerCredentialsDir), (.containerdAddress, containerdAddress), (.ctr, ctr),
            (.snapshotter, snapshotter), (.namespacePrefix, namespacePrefix), (.network, network),
            (.bridge, bridge), (.subnet, subnet), (.cniBinDir, cniBinDir), (.cniConfigDir, cniConfigDir),
            (.cniDataDir, cniDataDir), (.fwatchdog, fwatchdog), (.imagePullPolicy, imagePullPolicy),
            (.watchdogSocket, watchdogSocket),
            (.insecureRegistries, insecureRegistries), (.registryConfig, registryConfig), (.stopGrace, stopGrace),
            (.idleReclaimAfter, idleReclaimAfter), (.idleStopAfter, idleStopAfter),
            (.nodeLabels, nodeLabels), (.readyTimeout, readyTimeout), (.resyncInterval, resyncInterval),
            (.logLevel, logLevel), (.upstreamTimeout, upstreamTimeout), (.readTimeout, readTimeout),
            (.writeTimeout, writeTimeout), (.idleTimeout, idleTimeout), (.maxBodyBytes, maxBodyBytes),
            (.asyncStore, asyncStore), (.natsURL, natsURL),
            (.accessLog, accessLog), (.asyncConcurrency, asyncConcurrency), (.asyncQueues, asyncQueues),
            (.asyncMaxCalls, asyncMaxCalls), (.asyncMaxBytes, asyncMaxBytes), (.asyncMaxBodyBytes, asyncMaxBodyBytes),
            (.asyncRetention, asyncRetention), (.asyncDeadRetention, asyncDeadRetention),
            (.asyncAllowPrivateCallbacks, asyncAllowPrivateCallbacks), (.autoscaling, autoscaling),
            (.autoscalingInterval, autoscalingInterval), (.autoscalingStableWindow, autoscalingStableWindow),
            (.cronPrewake, cronPrewake),
            (.dropFolder, dropFolder), (.dropKeep, dropKeep), (.natsTopics, natsTopics),
        ]
        return Dictionary(uniqueKeysWithValues: pairs.compactMap { key, value in value.map { (key, $0) } })
    }
}
