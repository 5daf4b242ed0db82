import Foundation
import Glibc
import Logging
import Testing

@testable import Containers

/// Runs programs in the network namespace that plays the host.
struct HostRunner: CommandRunner {
    let host: NetworkNamespace

    func run(_ command: Command) async throws -> CommandResult {
        var inside = command
        inside.executable = "nsenter"
        inside.arguments = ["--net=\(host.path)", "--", command.executable] + command.arguments
        return try await SubprocessRunner().run(inside)
    }

    func forEachLine(
        of command: Command, _ body: @escaping @Sendable (String) async throws -> Void
    ) async throws -> CommandResult {
        try await SubprocessRunner().forEachLine(of: command, body)
    }

    /// Runs a program that must succeed.
    @discardableResult
    func require(_ program: String, _ arguments: String...) async throws -> String {
        let result = try await run(Command(program, arguments))
        try #require(result.succeeded, "\(program) \(arguments): \(result.error)")
        return result.outputText
    }

    /// Runs a piece of this process on a thread of its own that is in the namespace.
    func inside<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async throws -> Value {
        let file = open(host.path, O_RDONLY | O_CLOEXEC)
        defer { close(file) }
        // setns(2) is not among what Swift sees of the C library.
        let setns = unsafeBitCast(
            try #require(dlsym(nil, "setns")), to: (@convention(c) (Int32, Int32) -> Int32).self)
        let value: Value? = await withCheckedContinuation { continuation in
            Thread { continuation.resume(returning: setns(file, 0) == 0 ? body() : nil) }.start()
        }
        return try #require(value)
    }
}

/// A network whose bridge and rules are in a network namespace that plays the host, so that this machine's own stay as
/// they are.
struct HostNetwork {
    static let bridge = "fctest0"

    let host: HostRunner
    let network: CNINetwork
    let namespaces = NetworkNamespaces()
    let prefix: String

    func name(_ suffix: String) throws -> NetworkNamespace { try NetworkNamespace(prefix + suffix) }

    /// Runs a test; at its end, which must have detached all, neither devices, rules nor files are left.
    static func with(
        hostPorts: [UInt16] = [], hostServices: [HostService] = [],
        _ body: @Sendable (Machine, HostNetwork) async throws -> Void
    ) async throws {
        try await Machine.with { machine in
            let prefix = "fct\(UInt32.random(in: 0 ... .max))-"
            let namespaces = NetworkNamespaces()
            let host = HostRunner(host: try NetworkNamespace(prefix + "host"))
            try await namespaces.create(host.host)
            let system = machine.directory.path + "/sys"
            try SmallFile.makeDirectories(system, mode: 0o755)
            let network = CNINetwork(
                settings: try CNISettings(
                    networkName: "fctest", bridge: bridge, subnet: Subnet("10.231.0.0/24"),
                    configurationDirectory: machine.directory.path + "/net.d", configurationFile: "10-fctest.conflist",
                    dataDirectory: machine.directory.path + "/cni", hostPorts: hostPorts, hostServices: hostServices,
                    systemDirectory: system),
                runner: host, logger: Logger(label: "test"))
            let result: Result<Void, any Error>
            do {
                try await host.require("mount", "-t", "sysfs", "sysfs", system)
                try network.install()
                try await body(machine, HostNetwork(host: host, network: network, prefix: prefix))
                try await expectNothingLeft(of: network, host, machine)
                result = .success(())
            } catch {
                result = .failure(error)
            }
            umount2(system, Int32(MNT_DETACH))
            for namespace in namespaces.list(prefix: prefix) { try await namespaces.delete(namespace) }
            #expect(namespaces.list(prefix: prefix).isEmpty)
            try result.get()
        }
    }

    private static func expectNothingLeft(
        of network: CNINetwork, _ host: HostRunner, _ machine: Machine
    ) async throws {
        // What belongs to one container goes with it; what belongs to the network goes at its end.
        let ports = DirectoryContents.names(in: machine.directory.path + "/sys/class/net/\(bridge)/brif")
        #expect(ports.isEmpty)
        var rules = try await host.require("iptables-save")
        #expect(!rules.contains("-s 10.231.0."))
        #expect(machine.directory.names("cni/metadata").isEmpty)
        try await network.uninstall()
        try await network.uninstall()
        rules = try await host.require("iptables-save")
        #expect(!rules.contains("10.231.0.") && !rules.contains("ISOLATE") && !rules.contains(bridge))
        #expect(!rules.contains("CNI-"))
        #expect(try await !host.require("ip6tables-save").contains(bridge))
        #expect(try await !host.require("ip", "link", "show").contains(bridge))
        #expect(machine.directory.names("cni").isEmpty)
        #expect(machine.directory.names("net.d").isEmpty)
    }
}
