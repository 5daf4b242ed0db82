import ArgumentParser

/// The flags that choose functions out of a stack file; every command of `faas-cli` takes them.
struct StackOptions: ParsableArguments {
    @Option(
        name: [.customShort("f", allowingJoined: true), .long],
        help: "Path or URL of the YAML file that describes functions.")
    var yaml: String?

    @Option(help: "Regular expression that chooses functions of the file by name.")
    var regex: String?

    @Option(help: "Wildcard (*) that chooses functions of the file by name.")
    var filter: String?

    @Flag(inversion: .prefixedNo, help: "Substitute environment variables in the file.")
    var envsubst = true

    @Flag(help: "All functions of the file, which is what is done without it, too.")
    var all = false
}

/// The flags of a command that calls the gateway.
struct GatewayOptions: ParsableArguments {
    @Option(name: .shortAndLong, help: "Gateway URL starting with http(s)://.")
    var gateway: String?

    @Flag(help: "Disable TLS validation.")
    var tlsNoVerify = false

    @Option(name: [.customShort("k"), .long], help: "Pass a JWT token to use instead of basic auth.")
    var token: String?
}

/// The flag of a command about functions of one namespace.
struct NamespaceOption: ParsableArguments {
    @Option(name: .shortAndLong, help: "Namespace of the function.")
    var namespace: String?

    var value: String { namespace ?? "" }
}

/// `KEY=VALUE`, as many flags take it.
struct Pair: Equatable, Sendable {
    let key: String
    let value: String

    /// Takes apart a list of pairs; of several with one key the last holds.
    ///
    /// - Throws: ``CLIError`` that names the flag.
    static func dictionary(_ texts: [String], of kind: String, allowsEmpty: Bool = false) throws -> [String: String] {
        var pairs: [String: String] = [:]
        for text in texts {
            guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
                throw CLIError(.usage, "error parsing \(kind): \"\(text)\" is not correct, needs key=value")
            }
            let value = String(text[text.index(after: equals)...])
            guard allowsEmpty || !value.isEmpty else {
                throw CLIError(.usage, "error parsing \(kind): empty value for \(text[..<equals])")
            }
            pairs[String(text[..<equals])] = value
        }
        return pairs
    }
}

extension StackOptions {
    /// The options of a command line that has none of them.
    static func plain() throws -> StackOptions { try StackOptions.parse([]) }
}
