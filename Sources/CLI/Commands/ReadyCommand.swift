import ArgumentParser
import AsyncHTTPClient
import OpenFaaSAPI

/// `faas-cli ready`
struct ReadyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ready", abstract: "Block until the gateway or a function is ready for use.")

    @OptionGroup var stack: StackOptions
    @OptionGroup var options: GatewayOptions
    @OptionGroup var namespace: NamespaceOption

    @Option(help: "How often to ask at most.")
    var attempts = 60

    @Option(help: "How long to wait between two attempts, such as 1s.")
    var interval = "1s"

    @Argument(help: "Name of a function; the gateway is asked without one.")
    var name: String?

    func run() async throws {
        guard attempts > 0 else { throw CLIError(.usage, "attempts must be greater than 0") }
        guard let pause = GoDuration.parse(interval) else {
            throw CLIError(.usage, "invalid --interval \"\(interval)\": it must be a time such as 1s")
        }
        let gateway = try await Stack.load(stack)?.gateway
        try await Gateway.with(options, stack: gateway) { client in
            let subject = name.map { "function \($0)" } ?? "gateway"
            for attempt in 1...attempts {
                Console.out("[\(attempt)/\(attempts)] Waiting for \(subject)")
                do {
                    if try await isReady(client) {
                        return Console.out(name.map { "Function \($0) is ready" } ?? "OpenFaaS gateway is ready")
                    }
                } catch let error as CLIError {
                    Console.out("[\(attempt)/\(attempts)] Error reaching \(subject): \(error)")
                }
                if attempt < attempts { try await Task.sleep(for: pause) }
            }
            let waited = "\(attempts) attempts, \(interval) apart"
            let whom = name.map { "function \($0)" } ?? "gateway: \(client.address)"
            throw CLIError(.unreachable, "\(whom) not ready after: \(waited)")
        }
    }

    private func isReady(_ client: GatewayClient) async throws -> Bool {
        if let name {
            return try await client.function(.init(name: name, namespace: namespace.value)).availableReplicas > 0
        }
        return try await client.reached {
            try await client.transport.send(
                HTTPClientRequest(url: client.address.root + "/healthz"), timeout: .seconds(5)
            ).status == 200
        }
    }
}
