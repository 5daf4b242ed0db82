import ArgumentParser
import Foundation
import OpenFaaSAPI

/// `faas-cli describe`
struct DescribeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "describe", abstract: "Describe an OpenFaaS function.", aliases: ["inspect"])

    @OptionGroup var stack: StackOptions
    @OptionGroup var options: GatewayOptions
    @OptionGroup var namespace: NamespaceOption

    @Option(name: .customLong("name"), help: "Name of the function.")
    var nameOption: String?

    @Flag(name: .shortAndLong, help: "Print what is empty, too.")
    var verbose = false

    @Flag(name: .shortAndLong, help: "Print JSON.")
    var json = false

    @Argument(help: "Name of the function.")
    var name: String?

    func run() async throws {
        guard let name = name ?? nameOption, !name.isEmpty else {
            throw CLIError(.usage, "please provide a name for the function")
        }
        let gateway = try await Stack.load(stack)?.gateway
        let (status, address) = try await Gateway.with(options, stack: gateway) { client in
            (try await client.function(.init(name: name, namespace: namespace.value)), client.address)
        }
        let description = Description(status: status, address: address, namespace: namespace.value)
        if json {
            Console.out(try description.json())
        } else {
            Console.raw(description.text(verbose: verbose))
        }
    }
}

/// A function in words.
struct Description {
    let status: FunctionStatus
    let address: GatewayAddress
    /// The namespace that was asked for; empty when none was.
    let namespace: String

    private var qualified: String { namespace.isEmpty ? status.name : "\(status.name).\(namespace)" }
    private var url: String { "\(address)/function/\(qualified)" }
    private var asyncURL: String { "\(address)/async-function/\(qualified)" }
    private var ready: String { status.availableReplicas > 0 ? "Ready" : "Not Ready" }
    private var invocations: Int { Int(exactly: status.invocationCount.rounded(.towardZero)) ?? 0 }

    /// The status with what `faas-cli` adds to it.
    func json() throws -> String {
        let encoded = try JSONSerialization.jsonObject(with: JSONEncoder().encode(status)) as? [String: Any]
        var object = encoded ?? [:]
        object["status"] = ready
        object["invocationCount"] = invocations
        object["url"] = url
        object["asyncUrl"] = asyncURL
        let data = try JSONSerialization.data(
            withJSONObject: object, options: [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes])
        return String(decoding: data, as: UTF8.self)
    }

    /// The rows of `faas-cli`, and behind them the replicas and the reason why they do not stay up, where it is told.
    func text(verbose: Bool) -> String {
        var lines = [
            "Name:\t\(status.name)", "Status:\t\(ready)", "Replicas:\t\(status.replicas)",
            "Available Replicas:\t\(status.availableReplicas)", "Invocations:\t\(invocations)",
        ]
        if verbose || !status.image.isEmpty {
            lines.append("Image:\t\(status.image.isEmpty ? "<none>" : status.image)")
        }
        let process = status.envProcess ?? ""
        lines += [
            "Function Process:\t\(process.isEmpty ? "<default>" : process)", "URL:\t\(url)", "Async URL:\t\(asyncURL)",
        ]
        lines += map("Labels", status.labels, verbose) + map("Annotations", status.annotations, verbose)
        lines += list("Constraints", status.constraints, verbose) + map("Environment", status.envVars, verbose)
        lines += list("Secrets", status.secrets, verbose)
        lines += resources("Requests", status.requests, verbose) + resources("Limits", status.limits, verbose)
        lines += usage(verbose) + replicas()
        return Columns.align(lines)
    }

    private func map(_ name: String, _ values: [String: String]?, _ verbose: Bool) -> [String] {
        let values = values ?? [:]
        guard !values.isEmpty else { return verbose ? ["\(name):\t <none>"] : [] }
        return ["\(name):"] + values.sorted { $0.key < $1.key }.map { "\t \($0.key): \($0.value)" }
    }

    private func list(_ name: String, _ values: [String]?, _ verbose: Bool) -> [String] {
        let values = values ?? []
        guard !values.isEmpty else { return verbose ? ["\(name):\t <none>"] : [] }
        return ["\(name):"] + values.map { "\t - \($0)" }
    }

    private func resources(_ name: String, _ value: FunctionResources?, _ verbose: Bool) -> [String] {
        guard let value else { return verbose ? ["\(name):\t <none>"] : [] }
        return ["\(name):", "\t CPU: \(value.cpu ?? "")", "\t Memory: \(value.memory ?? "")"]
    }

    private func usage(_ verbose: Bool) -> [String] {
        guard let usage = status.usage else { return verbose ? ["Usage:\t <none>"] : [] }
        let megabytes = String(format: "%.2f", usage.totalMemoryBytes / 1024 / 1024)
        return ["Usage:", "  RAM:\t \(megabytes) MB", "  CPU:\t \(String(format: "%.0f", max(0, usage.cpu))) Mi"]
    }

    private func replicas() -> [String] {
        var lines: [String] = []
        if let instances = status.instances, !instances.isEmpty {
            lines.append("Instances:")
            lines += instances.map { instance in
                "\t - \(instance.name) \(instance.state.rawValue)" + (instance.address.map { " \($0)" } ?? "")
            }
        }
        if let failure = status.failure {
            lines += ["Failure:", "\t \(failure.count) times, the last because: \(failure.reason)"]
            if let next = failure.retryAt { lines.append("\t next attempt: \(next)") }
        }
        return lines
    }
}
