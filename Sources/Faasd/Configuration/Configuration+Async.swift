import Gateway
import NATS
import OpenFaaSAPI
import Queue

/// What keeps asynchronous calls.
enum QueueStore: Sendable, Equatable {
    /// A file of this daemon's own.
    case sqlite
    /// Streams that several daemons may share.
    case nats(NATSServer)
}

/// The settings of asynchronous calls.
extension Configuration {
    static func queueStore(_ values: SettingValues) throws -> QueueStore {
        switch try values.required(.asyncStore) {
        case "sqlite": return .sqlite
        case "nats": return .nats(try values.natsServer())
        default: throw SettingError(.asyncStore, "it must be sqlite or nats")
        }
    }

    static func queueLimits(_ values: SettingValues) throws -> QueueLimits {
        var limits = QueueLimits()
        limits.calls = try values.number(.asyncMaxCalls, 1...100_000_000)
        limits.bytes = try values.number(.asyncMaxBytes, 1...(1 << 50))
        limits.retention = try values.duration(.asyncRetention)
        limits.deadRetention = try values.duration(.asyncDeadRetention)
        return limits
    }

    static func asyncCalls(_ values: SettingValues, maxBodyBytes: Int?) throws -> AsyncConfiguration {
        var configuration = AsyncConfiguration()
        configuration.dispatch.concurrency = try values.number(.asyncConcurrency, 1...10_000)
        configuration.dispatch.queueConcurrency = try queueConcurrency(values)
        // What is taken must be taken again when it is sent.
        configuration.bodyBytes = min(try values.number(.asyncMaxBodyBytes, 1...(64 << 20)), maxBodyBytes ?? .max)
        configuration.allowsPrivateCallbacks = try values.flag(.asyncAllowPrivateCallbacks)
        return configuration
    }

    private static func queueConcurrency(_ values: SettingValues) throws -> [String: Int] {
        var limits: [String: Int] = [:]
        for item in values.list(.asyncQueues) {
            let parts = item.split(separator: "=", omittingEmptySubsequences: false)
            guard parts.count == 2, AsyncSettings.isQueueName(String(parts[0])), let limit = Int(parts[1]),
                (1...10_000).contains(limit)
            else {
                throw SettingError(.asyncQueues, "\"\(item)\" is not of the form NAME=NUMBER, 1 to 10000")
            }
            limits[String(parts[0])] = limit
        }
        return limits
    }
}
