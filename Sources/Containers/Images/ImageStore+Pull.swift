extension ImageStore {
    func pull(_ reference: ImageReference, namespace: String) async throws -> ImageInfo {
        let subject = Self.subject(reference.description)
        var arguments = ["images", "pull"] + client.snapshotterOptions
        if isPlainHTTP(reference.domain) { arguments.append("--plain-http") }
        let credentials = try DockerConfig.credentials(
            for: reference.domain, in: settings.dockerConfigPaths)
        // With a user and no password `ctr` asks for the password at its terminal, where nobody else can see it.
        if let credentials {
            guard !credentials.user.contains(":"), !credentials.password.isEmpty else {
                throw ContainersError(
                    .unauthorized, "the credentials for \(reference.domain) have no user or no password")
            }
            arguments += ["--user", credentials.user]
        }
        var command = client.command(arguments + [reference.description], namespace: namespace)
        command.timeLimit = settings.pullTimeLimit
        command.output = .discarded
        if let credentials { command.input = .terminalLine(credentials.password) }
        let result = try await client.run(command)
        guard result.succeeded else {
            throw CtrFailure(result: result, request: .pull).error(about: subject)
        }
        guard let image = try await find(reference, namespace: namespace) else {
            throw ContainersError(.internalError, "\(subject) is not in the store after it was pulled")
        }
        return image
    }

    /// Registries on this machine speak plain HTTP, as Docker has it.
    func isPlainHTTP(_ domain: String) -> Bool {
        if settings.insecureRegistries.contains(domain) { return true }
        let host =
            domain.hasPrefix("[")
            ? domain.prefix { $0 != "]" } + "]" : domain.prefix { $0 != ":" }
        if settings.insecureRegistries.contains(String(host)) { return true }
        return host == "localhost" || host == "[::1]" || Self.isLoopback(host)
    }

    /// 127.0.0.0/8: a name such as `127.example.com` is not in it.
    private static func isLoopback(_ host: some StringProtocol) -> Bool {
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}
