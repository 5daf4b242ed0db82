import Foundation
import NATS
import OpenFaaSAPI

/// Settings in their own types.
extension SettingValues {
    /// An absolute path that can be part of a mount option.
    func path(_ setting: Setting) throws -> String {
        try Self.checked(try required(setting), setting)
    }

    func paths(_ setting: Setting) throws -> [String] {
        try list(setting).map { try Self.checked($0, setting) }
    }

    func duration(_ setting: Setting) throws -> Duration {
        guard let duration = GoDuration.parse(try required(setting)) else {
            throw SettingError(setting, "it must be a time such as 10s")
        }
        return duration
    }

    /// A time after which something is done; `nil` for 0, which is never.
    func durationOrNever(_ setting: Setting) throws -> Duration? {
        let duration = try duration(setting)
        return duration == .zero ? nil : duration
    }

    /// A time that something is done at, or given up after, and so not none at all.
    func pause(_ setting: Setting) throws -> Duration {
        let duration = try duration(setting)
        guard duration >= .milliseconds(100) else { throw SettingError(setting, "it must be at least 100ms") }
        return duration
    }

    func flag(_ setting: Setting) throws -> Bool {
        switch try required(setting) {
        case "true": true
        case "false": false
        default: throw SettingError(setting, "it must be true or false")
        }
    }

    /// A whole number in a range.
    func number(_ setting: Setting, _ range: ClosedRange<Int>) throws -> Int {
        guard let number = Int(try required(setting)), range.contains(number) else {
            throw SettingError(setting, "it must be a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// The NATS server of queues and topics. What is wrong with its address never quotes a password.
    func natsServer() throws -> NATSServer {
        do {
            return try NATSServer(url: try required(.natsURL))
        } catch let error as NATSError {
            throw SettingError(.natsURL, error.message)
        }
    }

    /// The items between commas.
    func list(_ setting: Setting) -> [String] {
        (self[setting] ?? "").split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
    }

    private static func checked(_ text: String, _ setting: Setting) throws -> String {
        let path = text.hasSuffix("/") && text != "/" ? String(text.dropLast()) : text
        guard path.hasPrefix("/"), !path.contains(","), !path.utf8.contains(where: { $0 < 0x20 || $0 == 0x22 }) else {
            throw SettingError(setting, "\"\(text)\" must be an absolute path without commas and quotes")
        }
        return path
    }
}
