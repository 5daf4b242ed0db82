import OpenFaaSAPI
import Proxy

/// The settings that are limits on calls.
extension Configuration {
    static func limits(_ values: SettingValues) throws -> ProxyLimits {
        var limits = ProxyLimits()
        limits.upstreamTimeout = try time(values, .upstreamTimeout)
        limits.readTimeout = try time(values, .readTimeout)
        limits.writeTimeout = try time(values, .writeTimeout)
        limits.idleTimeout = try time(values, .idleTimeout)
        guard let bytes = Int(try values.required(.maxBodyBytes)), bytes >= 0 else {
            throw SettingError(.maxBodyBytes, "it must be a number of bytes; 0 is no limit")
        }
        limits.maxBodyBytes = bytes == 0 ? nil : bytes
        return limits
    }

    static func accessLog(_ values: SettingValues) throws -> String? {
        switch values[.accessLog] ?? "" {
        case "": nil
        case "-": "-"
        default: try values.path(.accessLog)
        }
    }

    private static func time(_ values: SettingValues, _ setting: Setting) throws -> Duration {
        let time = try values.duration(setting)
        guard time >= .milliseconds(100) else { throw SettingError(setting, "it must be at least 100ms") }
        return time
    }
}
