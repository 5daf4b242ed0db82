/// Finds the gateway of a command and calls it.
enum Gateway {
    /// Runs a body with a client of the gateway that flags, stack file and variables name.
    ///
    /// - Parameters:
    ///   - stack: `provider.gateway` of the stack file.
    ///   - keepsFlag: see ``GatewayAddress/choose(flag:stack:environment:keepsFlag:)``.
    ///   - warns: whether a connection in the clear is spoken of.
    static func with<Value: Sendable>(
        _ options: GatewayOptions, stack: String? = nil, keepsFlag: Bool = false, warns: Bool = false,
        surroundings: Surroundings = .current, _ body: (GatewayClient) async throws -> Value
    ) async throws -> Value {
        let address = try GatewayAddress.choose(
            flag: options.gateway, stack: stack, environment: surroundings, keepsFlag: keepsFlag)
        if warns, let warning = address.warning(tlsNoVerify: options.tlsNoVerify) { Console.out(warning) }
        let authorization = try authorization(for: address, token: options.token, surroundings)
        return try await Transport.with(
            tlsNoVerify: options.tlsNoVerify, proxy: HTTPProxy.of(address, surroundings)
        ) { transport in
            try await body(GatewayClient(address: address, authorization: authorization, transport: transport))
        }
    }

    /// A login with a password wins over a token, as in `faas-cli`.
    static func authorization(
        for address: GatewayAddress, token: String?, _ surroundings: Surroundings
    ) throws -> String? {
        let entry = try CredentialsFile(surroundings).entry(for: address)
        if let entry, entry.auth == "basic" { return entry.authorization }
        if let token, !token.isEmpty { return "Bearer \(token)" }
        return entry?.authorization
    }
}
