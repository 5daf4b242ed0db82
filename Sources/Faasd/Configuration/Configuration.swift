import Containers
import Foundation
import Gateway
import Logging
import OpenFaaSAPI
import Provider
import Proxy
import Queue

/// The settings, checked and in their own types.
struct Configuration: Sendable {
    let dataDirectory: String
    let runDirectory: String
    let listen: [Endpoint]
    let tls: TLSSettings
    let metricsListen: [Endpoint]
    /// The provider behind `faasd gateway`.
    let providerAddress: ProviderAddress?
    /// Where what opens that provider is, when it is not what opens the gateway.
    let providerCredentialsDirectory: String?
    let containerdAddress: String
    let ctr: String
    let snapshotter: String?
    let namespacePrefix: String
    let network: NetworkSettings
    let watchdogPath: String
    let watchdogSocket: Bool
    let imagePullPolicy: PullPolicy
    let insecureRegistries: [String]
    let registryConfig: String
    let stopGrace: Duration
    /// `nil` for never, as the next.
    let reclaimAfter: Duration?
    let stopAfter: Duration?
    let readyTimeout: Duration
    let nodeLabels: [String: String]
    let resyncInterval: Duration
    let limits: ProxyLimits
    /// The access log's file, or `-` for standard output.
    let accessLog: String?
    let queueStore: QueueStore
    let queueLimits: QueueLimits
    let asyncCalls: AsyncConfiguration
    let scaling: ScalingConfiguration
    let triggers: TriggerSettingValues
    let logLevel: Logger.Level

    /// An address and a port, as they were given.
    struct Endpoint: Sendable, Equatable {
        let host: String
        let port: Int
    }

    /// The network of the functions.
    struct NetworkSettings: Sendable {
        let name: String
        let bridge: String
        let subnet: Subnet
        let pluginDirectories: [String]
        let configurationDirectory: String
        let dataDirectory: String
    }

    /// Checks every setting.
    ///
    /// - Throws: ``SettingError`` that names the setting and the rule.
    init(_ values: SettingValues) throws {
        dataDirectory = try values.path(.dataDir)
        runDirectory = try values.path(.runDir)
        listen = try values.list(.listen).map { try Self.endpoint($0) }
        guard !listen.isEmpty else { throw SettingError(.listen, "at least one address is needed") }
        tls = try TLSSettings(values)
        metricsListen = try values.list(.metricsListen).map { try Self.endpoint($0, .metricsListen) }
        providerAddress = try values[.providerURL].map(Self.provider)
        providerCredentialsDirectory = try values[.providerCredentialsDir].map { _ in
            try values.path(.providerCredentialsDir)
        }
        containerdAddress = try values.path(.containerdAddress)
        ctr = try values.required(.ctr)
        let snapshotter = values[.snapshotter] ?? ""
        self.snapshotter = snapshotter.isEmpty ? nil : snapshotter
        namespacePrefix = try Self.namespacePrefix(values[.namespacePrefix] ?? "")
        network = NetworkSettings(
            name: try values.required(.network), bridge: try Self.bridge(try values.required(.bridge)),
            subnet: try Self.subnet(try values.required(.subnet)), pluginDirectories: try values.paths(.cniBinDir),
            configurationDirectory: try values.path(.cniConfigDir), dataDirectory: try values.path(.cniDataDir))
        watchdogPath = try values[.fwatchdog].map { _ in try values.path(.fwatchdog) } ?? Executable.beside("fwatchdog")
        watchdogSocket = try values.flag(.watchdogSocket)
        let policy = try values.required(.imagePullPolicy)
        guard let policy = PullPolicy(rawValue: policy) else {
            throw SettingError(.imagePullPolicy, "it must be IfNotPresent or Always, not \"\(policy)\"")
        }
        imagePullPolicy = policy
        insecureRegistries = values.list(.insecureRegistries)
        registryConfig =
            try values[.registryConfig].map { _ in try values.path(.registryConfig) }
            ?? dataDirectory + "/.docker/config.json"
        stopGrace = try values.duration(.stopGrace)
        reclaimAfter = try values.durationOrNever(.idleReclaimAfter)
        stopAfter = try values.durationOrNever(.idleStopAfter)
        readyTimeout = try values.duration(.readyTimeout)
        nodeLabels = try NodeLabels.parse(values.list(.nodeLabels))
        resyncInterval = try values.pause(.resyncInterval)
        limits = try Self.limits(values)
        accessLog = try Self.accessLog(values)
        queueStore = try Self.queueStore(values)
        queueLimits = try Self.queueLimits(values)
        asyncCalls = try Self.asyncCalls(values, maxBodyBytes: limits.maxBodyBytes)
        scaling = try Self.scaling(values)
        triggers = try TriggerSettingValues(values)
        guard let level = Logger.Level(rawValue: try values.required(.logLevel).lowercased()) else {
            let known = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
            throw SettingError(.logLevel, "it must be one of \(known)")
        }
        logLevel = level
    }

    var secretsDirectory: String { dataDirectory + "/secrets" }

    /// Writes to standard error, or the journal behind it, what is as grave as the level that was set, or graver.
    var logger: Logger {
        var logger = Logger(label: "faasd") { label -> any LogHandler in
            if JournalLogHandler.isConnected { return JournalLogHandler() }
            return StreamLogHandler.standardError(label: label)
        }
        logger.logLevel = logLevel
        return logger
    }

    /// What of it the provider needs.
    var provider: ProviderConfiguration {
        ProviderConfiguration(
            dataDirectory: dataDirectory, runDirectory: runDirectory, namespacePrefix: namespacePrefix,
            watchdogPath: watchdogPath,
            imagePullPolicy: imagePullPolicy, instance: network.bridge, stopGrace: stopGrace,
            resyncInterval: resyncInterval, reclaimAfter: reclaimAfter, stopAfter: stopAfter,
            readyTimeout: readyTimeout,
            nodeLabels: NodeLabels.ofMachine.merging(nodeLabels) { _, given in given }, watchdogSocket: watchdogSocket,
            version: Version.info)
    }

    static func endpoint(_ text: String, _ setting: Setting = .listen) throws -> Endpoint {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
            (0...65535).contains(port)
        else { throw SettingError(setting, "\"\(text)\" is not of the form ADDRESS:PORT") }
        var host = String(text[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        return Endpoint(host: host.isEmpty ? "0.0.0.0" : host, port: port)
    }

    private static func provider(_ url: String) throws -> ProviderAddress {
        do {
            return try ProviderAddress(url: url)
        } catch {
            throw SettingError(.providerURL, "\(error)")
        }
    }

    private static func bridge(_ name: String) throws -> String {
        let allowed = name.utf8.allSatisfy { byte in
            byte < 0x80
                && (Character(UnicodeScalar(byte)).isLetter || Character(UnicodeScalar(byte)).isNumber
                    || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_"))
        }
        guard allowed, (1...15).contains(name.utf8.count), name.first != "-" else {
            throw SettingError(.bridge, "it must be 1 to 15 letters, digits, '-' or '_'")
        }
        return name
    }

    private static func subnet(_ text: String) throws -> Subnet {
        do {
            return try Subnet(text)
        } catch {
            throw SettingError(.subnet, error.message)
        }
    }

    private static func namespacePrefix(_ text: String) throws -> String {
        guard text.isEmpty || (text.utf8.count <= 12 && text.wholeMatch(of: /[a-z0-9][a-z0-9-]*-/) != nil) else {
            throw SettingError(
                .namespacePrefix, "it must be at most 12 lower-case letters, digits and '-', and end with '-'")
        }
        return text
    }
}
