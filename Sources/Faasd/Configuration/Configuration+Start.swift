import Foundation
import Gateway
import Logging
import NATS
import NIOPosix
import Proxy
import Queue

/// What every daemon does with the settings at its start.
extension Configuration {
    /// The port as the proxy takes it.
    func proxy(
        listen: [ListenAddress], secureListen: [ListenAddress], accessLog: AccessLogFile?,
        certificates: TLSCertificates?
    ) -> ProxyConfiguration {
        var proxy = ProxyConfiguration(
            listen: listen, servedBy: "faasd/\(Version.release)", limits: limits, accessLog: accessLog)
        secure(&proxy, listen: secureListen, certificates)
        return proxy
    }

    /// Opens the access log, if there is to be one.
    func openAccessLog() throws -> AccessLogFile? {
        try accessLog.map { try AccessLogFile(path: $0) }
    }

    /// Opens what keeps the calls that wait. A NATS server need not be there yet.
    func openQueue(group: MultiThreadedEventLoopGroup) throws -> any CallStore {
        switch queueStore {
        case .sqlite:
            return try SQLiteCallStore(path: dataDirectory + "/queue.db", limits: queueLimits)
        case .nats(let server):
            let client = NATSClient(configuration: NATSConfiguration(server: server), group: group, logger: logger)
            return JetStreamCallStore(client: client, limits: queueLimits, logger: logger)
        }
    }

    /// Opens the file of what is remembered of schedules, and makes the drop folder if there is to be one.
    func openTriggers(group: MultiThreadedEventLoopGroup) throws -> TriggerConfiguration {
        try makeDirectories([triggers.dropFolder].compactMap(\.self))
        var configuration = triggers.configuration(memory: try CronMemory(path: dataDirectory + "/triggers.db"))
        if let server = triggers.natsServer {
            // It need not be there yet.
            let client = NATSClient(configuration: NATSConfiguration(server: server), group: group, logger: logger)
            configuration.sources = [
                NATSSource(client: client, maximumBytes: asyncCalls.bodyBytes, logger: logger)
            ]
        }
        return configuration
    }

    /// At debug level the services' library prints its services whole, settings and all.
    var lifecycleLogger: Logger {
        var logger = logger
        logger.logLevel = max(logger.logLevel, .notice)
        return logger
    }

    /// Makes directories that others may read; those that are there stay as they are.
    func makeDirectories(_ directories: [String]) throws {
        for directory in directories {
            do {
                try FileManager.default.createDirectory(
                    atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
            } catch {
                throw InstallError("cannot make the directory \(directory): \(error.localizedDescription)")
            }
        }
    }
}
