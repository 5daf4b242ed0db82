import Foundation

/// The configuration file of an installation, in which settings are noted line by line, and whatever else is in it stays.
struct ConfigFile: Sendable {
    let path: String

    private var present: String {
        TextFile.read(path) ?? ""
    }

    /// Whether the settings are there already.
    func has(_ values: [Setting: String]) throws -> Bool {
        let old = present
        return try Self.text(old, setting: values, path: path) == old
    }

    /// Notes settings; nothing is written when they are there already.
    ///
    /// - Returns: whether something was written.
    func set(_ values: [Setting: String]) throws -> Bool {
        let new = try Self.text(present, setting: values, path: path)
        guard new != present else { return false }
        // It may hold the password of a NATS server.
        try InstalledFile.write(Array(new.utf8), to: path, permissions: 0o600)
        return true
    }

    /// The text with the settings in it.
    static func text(_ old: String, setting values: [Setting: String], path: String) throws -> String {
        let present = try SettingValues.parse(old, path: path)
        let wanted = values.filter { present[$0.key] != $0.value }
        var lines = old.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        if lines.last == "" { lines.removeLast() }
        for (setting, value) in wanted.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            let line = "\(setting.rawValue): \(quoted(value))"
            guard let place = lines.firstIndex(where: { $0.hasPrefix("\(setting.rawValue):") }) else {
                lines.append(line)
                continue
            }
            // A value of several lines is indented, or a list.
            let end = lines[(place + 1)...].firstIndex { !$0.hasPrefix(" ") && !$0.hasPrefix("-") } ?? lines.endIndex
            lines.replaceSubrange(place..<end, with: [line])
        }
        return lines.isEmpty ? "" : lines.joined(separator: "\n") + "\n"
    }

    private static func quoted(_ value: String) -> String {
        let escaped = value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        return "\"\(escaped)\""
    }
}
