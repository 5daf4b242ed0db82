import OpenFaaSAPI
import Proxy

/// The settings that are limits on calls.
extension Configuration {
    static func limits(_ values: SettingValues) throws -> ProxyLimits {
        var limits = ProxyLimits()
        limits.upstreamTimeout = try values.pause(.upstreamTimeout)
        limits.readTimeout = try values.pause(.readTimeout)
        limits.writeTimeout = try values.pause(.writeTimeout)
        limits.idleTimeout = try values.pause(.idleTimeout)
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
}
