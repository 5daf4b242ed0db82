import Foundation
import Logging
import Testing

@testable import Containers

/// Plugins are played by a runner that writes down what it is asked and fails to order.
@Suite struct CNINetworkTests {
    private static let result = """
        {"cniVersion":"0.4.0","interfaces":[{"name":"br9","mac":"aa:00:00:00:00:01"},{"name":"veth1","mac":"aa:00:00:00:00:02"},
        {"name":"eth0","mac":"aa:00:00:00:00:03","sandbox":"/run/netns/x"}],
        "ips":[{"version":"4","interface":2,"address":"10.9.0.2/24","gateway":"10.9.0.1"}],"dns":{}}
        """

    private struct Call: Equatable {
        var plugin: String
        var verb: String
        var interface: String
        var hasPreviousResult: Bool
    }

    /// The calls of plugins. The namespace of these tests is absent, so rules are looked for as well; see
    /// ``MasqueradeRulesTests``.
    private func calls(_ runner: RecordingRunner) -> [Call] {
        runner.calls.filter { $0.executable.hasPrefix("/") }.map { command in
            var text = ""
            if case .bytes(let bytes) = command.input { text = String(decoding: bytes, as: UTF8.self) }
            return Call(
                plugin: command.name, verb: command.environment["CNI_COMMAND"] ?? "",
                interface: command.environment["CNI_IFNAME"] ?? "", hasPreviousResult: text.contains("\"prevResult\":{")
            )
        }
    }

    private func network(_ runner: any CommandRunner, _ directory: TemporaryDirectory) throws -> CNINetwork {
        for name in ["loopback", "bridge", "firewall"] {
            try directory.write("", to: "plugins/\(name)")
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o755], ofItemAtPath: "\(directory.path)/plugins/\(name)")
        }
        let settings = try CNISettings(
            networkName: "net9", bridge: "br9", subnet: Subnet("10.9.0.0/24"),
            pluginDirectories: ["/nonexistent", directory.path + "/plugins"],
            configurationDirectory: directory.path + "/net.d", configurationFile: "10-net9.conflist",
            dataDirectory: directory.path + "/data", systemDirectory: directory.path + "/sys")
        return CNINetwork(settings: settings, runner: runner, logger: Logger(label: "test"))
    }

    private static func answer(_ command: Command) throws -> CommandResult {
        CommandResult(
            status: .exited(0), output: command.environment["CNI_COMMAND"] == "ADD" ? Array(result.utf8) : [])
    }

    @Test func attachAndDetach() async throws {
        try await TemporaryDirectory.with { directory in
            let runner = RecordingRunner(Self.answer)
            let network = try network(runner, directory)
            let namespace = try NetworkNamespace("absent-1")
            let attachment = try await network.attach(namespace, containerID: "c1")
            #expect(
                attachment
                    == NetworkAttachment(
                        address: "10.9.0.2", prefixLength: 24, gateway: "10.9.0.1", interface: "eth0",
                        macAddress: "aa:00:00:00:00:03"))
            #expect(directory.names("data/results") == ["net9-c1-eth0"])
            try await network.detach(namespace, containerID: "c1")
            try await network.detach(namespace, containerID: "c1")
            #expect(directory.names("data/results").isEmpty)
            #expect(
                calls(runner) == [
                    Call(plugin: "loopback", verb: "ADD", interface: "lo", hasPreviousResult: false),
                    Call(plugin: "bridge", verb: "ADD", interface: "eth0", hasPreviousResult: false),
                    Call(plugin: "firewall", verb: "ADD", interface: "eth0", hasPreviousResult: true),
                    Call(plugin: "firewall", verb: "DEL", interface: "eth0", hasPreviousResult: true),
                    Call(plugin: "bridge", verb: "DEL", interface: "eth0", hasPreviousResult: true),
                    Call(plugin: "firewall", verb: "DEL", interface: "eth0", hasPreviousResult: false),
                    Call(plugin: "bridge", verb: "DEL", interface: "eth0", hasPreviousResult: false),
                ])
            #expect(runner.calls[1].environment["CNI_CONTAINERID"] == "c1")
            #expect(runner.calls.filter { $0.name == "iptables" && $0.arguments.contains("nat") }.count == 2)
        }
    }

    /// Each of the three ADD calls fails in turn; after each, the chain is undone with DEL.
    @Test(arguments: 0..<3)
    func aPluginFails(number: Int) async throws {
        try await TemporaryDirectory.with { directory in
            let count = Shared(0)
            let runner = RecordingRunner { command in
                defer { count.change { $0 += 1 } }
                guard count.current == number else { return try Self.answer(command) }
                let text = #"{"cniVersion":"0.4.0","code":999,"msg":"no luck","details":"today"}"#
                return CommandResult(status: .exited(1), output: Array(text.utf8))
            }
            let error = await #expect(throws: ContainersError.self) {
                try await network(runner, directory).attach(NetworkNamespace("absent-1"), containerID: "c1")
            }
            #expect(error?.code == .networkFailed)
            #expect(error?.message.hasSuffix("failed to ADD: no luck: today") == true)
            #expect(calls(runner).suffix(2).map(\.verb) == ["DEL", "DEL"])
            #expect(calls(runner).suffix(2).map(\.plugin) == ["firewall", "bridge"])
            #expect(directory.names("data/results").isEmpty)
        }
    }

    @Test func noAddressIsFree() async throws {
        try await TemporaryDirectory.with { directory in
            let runner = RecordingRunner { command in
                guard command.executable.hasSuffix("/bridge") else { return try Self.answer(command) }
                let text = """
                    {"cniVersion":"0.4.0","code":999,
                    "msg":"failed to allocate for range 0: no IP addresses available in range set: 10.9.0.1-10.9.0.254"}
                    """
                return CommandResult(status: .exited(1), output: Array(text.utf8))
            }
            let error = await #expect(throws: ContainersError.self) {
                try await network(runner, directory).attach(NetworkNamespace("absent-1"), containerID: "c1")
            }
            #expect(
                error?.code == .addressesUsed && error?.message.contains("no address of 10.9.0.0/24 is free") == true)
        }
    }

    /// What is run after the plugins, and what of it is left in files.
    @Test func isolation() async throws {
        try await TemporaryDirectory.with { directory in
            let runner = RecordingRunner(Self.answer)
            let network = try network(runner, directory)
            let namespace = try NetworkNamespace("absent-1")
            _ = try await network.attach(namespace, containerID: "c1", allowMetadata: true)
            let own = runner.calls.drop { $0.name != "firewall" }.dropFirst().map { [$0.name] + $0.arguments }
            let commands: [[String]] = [
                ["iptables", "-w", "-S"], ["iptables-restore", "-w", "--noflush"], ["ip6tables", "-w", "-S"],
                ["ip6tables-restore", "-w", "--noflush"],
                ["ip", "link", "set", "dev", "veth1", "type", "bridge_slave", "isolated", "on"],
            ]
            for command in commands { #expect(own.contains(command), "\(command)") }
            #expect(directory.text("data/metadata/c1") == "10.9.0.2")
            // The address was given to another, so the first cannot have it any more.
            _ = try await network.attach(namespace, containerID: "c2")
            #expect(directory.names("data/metadata").isEmpty)
            _ = try await network.attach(namespace, containerID: "c3", allowMetadata: true)
            try await network.detach(namespace, containerID: "c3")
            #expect(directory.names("data/metadata").isEmpty)
        }
    }

    /// Each of the commands after the plugins fails in turn.
    @Test(arguments: ["iptables", "iptables-restore", "ip6tables-restore", "ip"])
    func isolationFails(program: String) async throws {
        try await TemporaryDirectory.with { directory in
            let runner = RecordingRunner { command in
                command.name == program ? CommandResult(status: .exited(3)) : try Self.answer(command)
            }
            let error = await #expect(throws: ContainersError.self) {
                try await network(runner, directory).attach(
                    NetworkNamespace("absent-1"), containerID: "c1", allowMetadata: true)
            }
            #expect(error?.code == .networkFailed)
            #expect(calls(runner).suffix(2).map(\.verb) == ["DEL", "DEL"])
            #expect(directory.names("data/metadata").isEmpty)
        }
    }

    @Test func aMachineWithoutIPv6() async throws {
        try await TemporaryDirectory.with { directory in
            let runner = RecordingRunner { command in
                command.name == "ip6tables" ? CommandResult(status: .exited(3)) : try Self.answer(command)
            }
            _ = try await network(runner, directory).attach(NetworkNamespace("absent-1"), containerID: "c1")
            #expect(!runner.calls.contains { $0.name == "ip6tables-restore" })
        }
    }

    @Test func badPorts() {
        let bad: [([UInt16], [HostService])] = [
            ([0], []), ([], [HostService(.udp, 0)]), (Array(1...63), HostService.dns),
        ]
        for (ports, services) in bad {
            #expect(throws: ContainersError.self) {
                try CNISettings(
                    networkName: "n", bridge: "b", subnet: Subnet("10.9.0.0/24"), configurationFile: "x.conflist",
                    dataDirectory: "/data", hostPorts: ports, hostServices: services)
            }
        }
    }

    @Test func cancellationIsUndone() async throws {
        try await TemporaryDirectory.with { directory in
            let runner = RecordingRunner { command in
                guard command.environment["CNI_COMMAND"] == "DEL" || command.name == "loopback" else {
                    throw CancellationError()
                }
                return try Self.answer(command)
            }
            await #expect(throws: CancellationError.self) {
                try await network(runner, directory).attach(NetworkNamespace("absent-1"), containerID: "c1")
            }
            #expect(calls(runner).suffix(2).map(\.verb) == ["DEL", "DEL"])
        }
    }

    @Test(arguments: ["", "{}", "x", #"{"ips":[{"address":"10.8.0.2/24"}]}"#, #"{"ips":[{"address":"10.9.0.2"}]}"#])
    func aResultWithoutAnAddress(output: String) async throws {
        try await TemporaryDirectory.with { directory in
            let runner = RecordingRunner { _ in CommandResult(status: .exited(0), output: Array(output.utf8)) }
            let error = await #expect(throws: ContainersError.self) {
                try await network(runner, directory).attach(NetworkNamespace("absent-1"), containerID: "c1")
            }
            #expect(error?.code == .networkFailed)
        }
    }

    @Test func aPluginThatIsNotInstalled() async throws {
        let settings = try CNISettings(
            networkName: "n", bridge: "b", subnet: Subnet("10.9.0.0/24"), pluginDirectories: ["/nonexistent"],
            configurationFile: "x.conflist", dataDirectory: "/nonexistent/data")
        let runner = RecordingRunner()
        let network = CNINetwork(settings: settings, runner: runner, logger: Logger(label: "test"))
        let error = await #expect(throws: ContainersError.self) {
            try await network.attach(NetworkNamespace("absent-1"), containerID: "c1")
        }
        #expect(error?.message.contains("install the CNI plugins") == true)
        #expect(runner.calls.isEmpty)
    }

    @Test func theConfigurationIsWrittenOnce() async throws {
        try await TemporaryDirectory.with { directory in
            let network = try network(RecordingRunner(), directory)
            #expect(try network.install())
            #expect(try !network.install())
            let text = try #require(directory.text("net.d/10-net9.conflist"))
            let list = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
            #expect(list["cniVersion"] as? String == "0.4.0")
            #expect(list["name"] as? String == "net9")
            let plugins = try #require(list["plugins"] as? [[String: Any]])
            #expect(plugins.map { $0["type"] as? String } == ["bridge", "firewall"])
            let ipam = try #require(plugins[0]["ipam"] as? [String: Any])
            #expect(ipam["subnet"] as? String == "10.9.0.0/24")
            #expect(ipam["dataDir"] as? String == directory.path + "/data")
            #expect(network.gatewayAddress == "10.9.0.1")
        }
    }

    @Test(arguments: ["", "..", "a/b", "a b", "x\"y", "sixteen-letters-x"])
    func badDevices(name: String) {
        #expect(throws: ContainersError.self) {
            try CNISettings(
                networkName: "n", bridge: name, subnet: Subnet("10.9.0.0/24"), configurationFile: "x.conflist",
                dataDirectory: "/data")
        }
    }
}

@Suite struct MasqueradeRulesTests {
    /// As `iptables -t nat -S POSTROUTING` writes it.
    private static let listing = #"""
        -P POSTROUTING ACCEPT
        -A POSTROUTING -s 10.231.0.3/32 -m comment --comment "name: \"net9\" id: \"m0\"" -j CNI-e27c3e5c06af565038052813
        -A POSTROUTING -s 10.231.0.4/32 -m comment --comment "name: \"net9\" id: \"m01\"" -j CNI-43c3e2517c35a7c40a135fa6
        -A POSTROUTING -s 10.0.0.0/8 -j MASQUERADE

        """#

    @Test func onlyTheRulesOfOneAttachment() async throws {
        let runner = RecordingRunner { _ in
            CommandResult(status: .exited(0), output: Array(Self.listing.utf8))
        }
        try await MasqueradeRules(runner: runner).remove(network: "net9", containerID: "m0")
        let chain = "CNI-e27c3e5c06af565038052813"
        #expect(
            runner.calls.dropFirst().map { Array($0.arguments.dropFirst(3)) } == [
                [
                    "-D", "POSTROUTING", "-s", "10.231.0.3/32", "-m", "comment", "--comment",
                    #"name: "net9" id: "m0""#, "-j", chain,
                ], ["-F", chain], ["-X", chain],
            ])
    }

    @Test func aMachineWithoutIptables() async throws {
        let runner = RecordingRunner { _ in CommandResult(status: .exited(1)) }
        try await MasqueradeRules(runner: runner).remove(network: "net9", containerID: "m0")
        #expect(runner.calls.count == 1)
    }
}
