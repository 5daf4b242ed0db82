import ArgumentParser
import Foundation
import OpenFaaSAPI

/// `faas-cli list`
struct ListCommand: AsyncParsableCommand {
    enum Order: String, CaseIterable, ExpressibleByArgument {
        case name, invocations, creation
    }

    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List OpenFaaS functions.", aliases: ["ls"])

    @OptionGroup var stack: StackOptions
    @OptionGroup var options: GatewayOptions
    @OptionGroup var namespace: NamespaceOption

    @Flag(name: .shortAndLong, help: "Print images and times of creation, too.")
    var verbose = false

    @Flag(name: .shortAndLong, help: "Print names only.")
    var quiet = false

    @Flag(name: .shortAndLong, help: "Print JSON.")
    var json = false

    @Option(help: "Sort by name, invocations or creation.")
    var sort = Order.name

    func run() async throws {
        let gateway = try await Stack.load(stack)?.gateway
        let functions = try await Gateway.with(options, stack: gateway) { client in
            try await client.functions(namespace: namespace.value)
        }
        let sorted = Self.sort(functions, by: sort)
        if json {
            Console.out(try PrettyJSON.text(sorted))
        } else if quiet {
            for function in sorted { Console.out(function.name) }
        } else {
            Console.raw(Self.table(sorted, verbose: verbose))
        }
    }

    static func sort(_ functions: [FunctionStatus], by order: Order) -> [FunctionStatus] {
        switch order {
        case .name: functions.sorted { $0.name < $1.name }
        case .invocations: functions.sorted { $0.invocationCount > $1.invocationCount }
        case .creation: functions.sorted { $0.createdAt < $1.createdAt }
        }
    }

    /// The columns of `faas-cli`, to the last blank: scripts cut them at fixed places.
    static func table(_ functions: [FunctionStatus], verbose: Bool) -> String {
        let pad = Columns.pad
        guard verbose else {
            return pad("Function", 30) + "\t" + pad("Invocations", 15) + "\tReplicas\n"
                + functions.map { function in
                    "\(pad(function.name, 30))\t\(pad(invocations(function), 15))\t\(pad("\(function.replicas)", 5))\n"
                }.joined()
        }
        let width = max(40, functions.map(\.image.count).max() ?? 0)
        return pad("Function", 30) + "\t" + pad("Image", width) + "\t" + pad("Invocations", 15)
            + "\tReplicas\tCreatedAt\n"
            + functions.map { function in
                "\(pad(function.name, 30))\t\(pad(function.image, width))\t\(pad(invocations(function), 15))"
                    + "\t\(pad("\(function.replicas)", 5))\t\t\(GoTime.text(function.createdAt))\n"
            }.joined()
    }

    private static func invocations(_ function: FunctionStatus) -> String {
        String(Int64(exactly: function.invocationCount.rounded(.towardZero)) ?? 0)
    }
}

/// Times as Go prints them.
enum GoTime {
    /// `2023-07-04 16:17:24 +0000 UTC` of RFC 3339 in UTC; what cannot be read is shown as Go's time zero.
    static func text(_ rfc3339: String) -> String {
        guard rfc3339.hasSuffix("Z"), let t = rfc3339.firstIndex(of: "T") else {
            return rfc3339.isEmpty ? "0001-01-01 00:00:00 +0000 UTC" : rfc3339
        }
        return rfc3339[..<t] + " " + rfc3339[rfc3339.index(after: t)...].dropLast() + " +0000 UTC"
    }
}

/// JSON as `faas-cli` prints it: two spaces a level.
enum PrettyJSON {
    static func text(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }
}
