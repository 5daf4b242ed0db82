import Foundation
import Glibc
import Yams

/// `~/.openfaas/config.yml`: who one is to which gateway. The format is `faas-cli`'s own, so that both programs see each
/// other's logins.
struct CredentialsFile: Sendable {
    /// One gateway's entry.
    struct Entry: Equatable, Sendable {
        var gateway: String
        /// `basic` or `oauth2`.
        var auth: String
        /// For `basic`: `user:password` in base64; otherwise a bearer token.
        var token: String
        /// What plugins of `faas-cli` keep; it is written back as it was.
        var options: [Option] = []

        struct Option: Equatable, Sendable {
            var name: String
            var value: String
        }

        /// The value of the header Authorization.
        var authorization: String { auth == "basic" ? "Basic \(token)" : "Bearer \(token)" }
    }

    /// The longest file that is read.
    static let maximumBytes = 1 << 20

    let path: String
    private let directoryMode: mode_t

    /// - Throws: ``CLIError`` when there is no home directory.
    init(_ surroundings: Surroundings) throws {
        if let directory = surroundings["OPENFAAS_CONFIG"] {
            path = surroundings.path(Self.expand(directory, surroundings)) + "/config.yml"
            directoryMode = 0o700
        } else if surroundings.isCI {
            path = surroundings.directory + "/.openfaas/config.yml"
            directoryMode = 0o744
        } else {
            guard let home = surroundings["HOME"] else {
                throw CLIError(.file, "HOME is not set: name the directory of config.yml with OPENFAAS_CONFIG")
            }
            path = home + "/.openfaas/config.yml"
            directoryMode = 0o700
        }
    }

    private static func expand(_ directory: String, _ surroundings: Surroundings) -> String {
        guard directory == "~" || directory.hasPrefix("~/"), let home = surroundings["HOME"] else { return directory }
        return home + directory.dropFirst()
    }

    /// The entries; none when there is no file.
    ///
    /// - Throws: ``CLIError`` when it is not readable or not of this format.
    func entries() throws -> [Entry] {
        guard FileManager.default.fileExists(atPath: path) else { return [] }
        return try Self.parse(try LocalFile.text(path, limit: Self.maximumBytes), path: path)
    }

    /// The entry of a gateway.
    func entry(for gateway: GatewayAddress) throws -> Entry? {
        try entries().first { $0.gateway == gateway.text }
    }

    /// Keeps an entry in place of the gateway's last one.
    func save(_ entry: Entry) throws {
        var entries = try entries()
        if let index = entries.firstIndex(where: { $0.gateway == entry.gateway }) {
            entries[index].auth = entry.auth
            entries[index].token = entry.token
        } else {
            entries.append(entry)
        }
        try write(entries)
    }

    /// Forgets a gateway.
    ///
    /// - Throws: ``CLIError`` when it is not known.
    func remove(_ gateway: GatewayAddress) throws {
        let entries = try entries()
        guard entries.contains(where: { $0.gateway == gateway.text }) else {
            throw CLIError(.notFound, "gateway \(gateway) not found in config")
        }
        try write(entries.filter { $0.gateway != gateway.text })
    }

    private func write(_ entries: [Entry]) throws {
        let directory = (path as NSString).deletingLastPathComponent
        try LocalFile.makeDirectory(directory, mode: directoryMode)
        try LocalFile.write(Array(Self.render(entries).utf8), to: path, mode: 0o600)
    }

    static func parse(_ text: String, path: String) throws -> [Entry] {
        let node: Node?
        do {
            node = try Yams.compose(yaml: text)
        } catch {
            throw CLIError(.file, "\(path) is not valid YAML: correct it, or remove it and log in again")
        }
        guard let auths = node?.mapping?["auths"]?.sequence else { return [] }
        return auths.compactMap { item in
            guard let fields = item.mapping, let gateway = fields["gateway"]?.scalar?.string else { return nil }
            let options = (fields["options"]?.sequence ?? []).compactMap { option -> Entry.Option? in
                guard let name = option.mapping?["name"]?.scalar?.string else { return nil }
                return Entry.Option(name: name, value: option.mapping?["value"]?.scalar?.string ?? "")
            }
            return Entry(
                gateway: gateway, auth: fields["auth"]?.scalar?.string ?? "basic",
                token: fields["token"]?.scalar?.string ?? "", options: options)
        }
    }

    static func render(_ entries: [Entry]) -> String {
        guard !entries.isEmpty else { return "auths: []\n" }
        var text = "auths:\n"
        for entry in entries {
            text += "- gateway: \(quoted(entry.gateway))\n"
            text += "  auth: \(quoted(entry.auth))\n"
            text += "  token: \(quoted(entry.token))\n"
            guard !entry.options.isEmpty else {
                text += "  options: []\n"
                continue
            }
            text += "  options:\n"
            for option in entry.options {
                text += "  - name: \(quoted(option.name))\n    value: \(quoted(option.value))\n"
            }
        }
        return text
    }

    /// Plain where nothing in it means something to YAML, as in every address and every token; else in quotes.
    private static func quoted(_ text: String) -> String { YAMLText.scalar(text) }
}
