import Foundation
import Yams

/// The settings as they hold: flags win over variables, variables over the file, the file over the defaults.
struct SettingValues: Sendable {
    private let values: [Setting: String]
    private let defaults: [Setting: String]

    /// Joins the layers.
    ///
    /// - Parameters:
    ///   - flags: what was given on the command line.
    ///   - environment: the process's variables.
    ///   - file: the file that was named; without one, `config.yaml` in the data directory may be missing.
    ///   - defaults: a command's own, instead of those of ``Setting``.
    /// - Throws: ``SettingError``.
    init(
        flags: [Setting: String], environment: [String: String], file: String?, defaults: [Setting: String] = [:]
    ) throws {
        self.defaults = defaults
        var values: [Setting: String] = [:]
        for setting in Setting.allCases {
            values[setting] = flags[setting] ?? environment[setting.variable]
        }
        let directory = values[.dataDir] ?? Setting.dataDir.defaultValue ?? "."
        let path = file ?? environment["FAASD_CONFIG"]
        if let text = try Self.text(of: path ?? directory + "/config.yaml", mustExist: path != nil) {
            values.merge(try Self.parse(text.content, path: text.path)) { given, _ in given }
        }
        self.values = values
    }

    /// Whether somebody gave the setting, so that it is none of the defaults.
    func isGiven(_ setting: Setting) -> Bool { values[setting] != nil }

    subscript(setting: Setting) -> String? { values[setting] ?? defaults[setting] ?? setting.defaultValue }

    /// A setting that has a default.
    func required(_ setting: Setting) throws -> String {
        guard let value = self[setting], !value.isEmpty else {
            throw SettingError(setting, "it must not be empty")
        }
        return value
    }

    private static func text(of path: String, mustExist: Bool) throws -> (content: String, path: String)? {
        guard mustExist || FileManager.default.fileExists(atPath: path) else { return nil }
        do {
            return (try String(contentsOfFile: path, encoding: .utf8), path)
        } catch {
            throw SettingError(file: path, "it cannot be read: \(error.localizedDescription)")
        }
    }

    static func parse(_ text: String, path: String) throws -> [Setting: String] {
        let node: Node?
        do {
            node = try compose(yaml: text)
        } catch {
            throw SettingError(file: path, "it is not YAML: \(error)")
        }
        guard let node else { return [:] }
        guard let mapping = node.mapping else { throw SettingError(file: path, "a mapping of keys is expected") }
        var values: [Setting: String] = [:]
        for (key, value) in mapping {
            let line = key.mark.map { "line \($0.line): " } ?? ""
            guard let setting = key.string.flatMap(Setting.init(rawValue:)) else {
                let known = Setting.allCases.map(\.rawValue).joined(separator: ", ")
                throw SettingError(file: path, "\(line)unknown key \"\(key.string ?? "")\"; the keys are \(known)")
            }
            guard let text = scalar(value) else {
                throw SettingError(file: path, "\(line)\(setting.rawValue) must be text or a list of texts")
            }
            values[setting] = text
        }
        return values
    }

    private static func scalar(_ node: Node) -> String? {
        if let sequence = node.sequence {
            let items = sequence.map { $0.scalar?.string }
            return items.contains(nil) ? nil : items.compactMap(\.self).joined(separator: ",")
        }
        return node.scalar?.string
    }
}

/// A setting that cannot hold.
struct SettingError: Error, CustomStringConvertible {
    let description: String

    init(_ setting: Setting, _ rule: String) {
        description = "setting \(setting.rawValue) (\(setting.variable)): \(rule)"
    }

    init(file: String, _ problem: String) {
        description = "configuration file \(file): \(problem)"
    }
}
