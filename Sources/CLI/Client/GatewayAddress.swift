/// Where the gateway is, and how it was found out.
struct GatewayAddress: Equatable, Sendable, CustomStringConvertible {
    /// What `faas-cli` takes when nothing else is said.
    static let standard = "http://127.0.0.1:8080"

    /// The variable that names a gateway.
    static let variable = "OPENFAAS_URL"

    /// The address as `faas-cli` compares and keeps it: with a scheme, without a `/` at the end, in lower case.
    let text: String
    private let scheme: String

    var description: String { text }

    /// What stands behind the scheme.
    private var rest: Substring { text.dropFirst(scheme.count) }

    /// - Throws: ``CLIError`` when it is no HTTP address.
    init(_ text: String) throws {
        let lowered = text.lowercased()
        scheme = lowered.hasPrefix("https://") ? "https://" : "http://"
        var afterScheme = lowered.hasPrefix(scheme) ? lowered.dropFirst(scheme.count) : lowered[...]
        while afterScheme.hasSuffix("/") { afterScheme = afterScheme.dropLast() }
        guard !afterScheme.contains("://") else {
            throw CLIError(.usage, "invalid gateway URL \"\(text)\": it must start with http:// or https://")
        }
        guard !afterScheme.isEmpty, !afterScheme.hasPrefix("/"),
            afterScheme.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "@") })
        else { throw CLIError(.usage, "invalid gateway URL \"\(text)\": it needs a host, such as \(Self.standard)") }
        self.text = scheme + afterScheme
    }

    /// Chooses among the places where a gateway may be named, as `faas-cli` does: a flag or a stack file that names
    /// the standard address says nothing.
    ///
    /// - Parameters:
    ///   - flag: the flag's value.
    ///   - stack: `provider.gateway` of the stack file.
    ///   - keepsFlag: whether the flag wins even with the standard address, as in `logs`.
    static func choose(
        flag: String?, stack: String?, environment: Surroundings, keepsFlag: Bool = false
    ) throws -> GatewayAddress {
        if let flag, !flag.isEmpty, keepsFlag || flag != standard { return try GatewayAddress(flag) }
        if let stack, !stack.isEmpty, stack != standard { return try GatewayAddress(stack) }
        return try GatewayAddress(environment[variable] ?? standard)
    }

    /// The host without port and path.
    var host: String {
        if rest.hasPrefix("[") { return String(rest.dropFirst().prefix { $0 != "]" }) }
        return String(rest.prefix { $0 != "/" && $0 != ":" })
    }

    /// The scheme, host and port without a path: where calls of functions and `/healthz` go.
    var root: String { scheme + rest.prefix { $0 != "/" } }

    /// The warning for a password that is sent in the clear; `nil` where it does not leave this machine.
    func warning(tlsNoVerify: Bool) -> String? {
        guard !tlsNoVerify, !text.hasPrefix("https:"), !text.hasPrefix("http://127.0.0.1"),
            !text.hasPrefix("http://localhost")
        else { return nil }
        return "WARNING! You are not using an encrypted connection to the gateway, consider using HTTPS."
    }
}
