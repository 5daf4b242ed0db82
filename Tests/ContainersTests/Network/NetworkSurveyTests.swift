import Foundation
import Logging
import Testing

@testable import Containers

/// What the kernel shows and `iptables` prints, and what is made of it.
struct NetworkSurveyTests {
    private static let masquerade = """
        -P POSTROUTING ACCEPT
        -A POSTROUTING -s 10.9.0.2/32 -m comment --comment "name: \\"net9\\" id: \\"c1\\"" -j CNI-0123456789abcdef01234567
        -A POSTROUTING -s 10.8.0.2/32 -m comment --comment "name: \\"net8\\" id: \\"c2\\"" -j CNI-1123456789abcdef01234567
        """
    private static let forward = """
        -N CNI-FORWARD
        -A CNI-FORWARD -d 10.9.0.2/32 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
        -A CNI-FORWARD -s 10.9.0.2/32 -j ACCEPT
        """

    private static func answer(_ command: Command) throws -> CommandResult {
        let text = command.arguments.contains("nat") ? masquerade : forward
        return CommandResult(status: .exited(0), output: Array(text.utf8))
    }

    private func network(_ directory: TemporaryDirectory) throws -> CNINetwork {
        let settings = try CNISettings(
            networkName: "net9", bridge: "br9", subnet: Subnet("10.9.0.0/24"), pluginDirectories: ["/nonexistent"],
            configurationDirectory: directory.path, configurationFile: "10-net9.conflist",
            dataDirectory: directory.path + "/data", systemDirectory: directory.path + "/sys")
        for device in ["veth1", "veth3"] {
            try FileManager.default.createDirectory(
                atPath: directory.path + "/sys/class/net/br9/brif/" + device, withIntermediateDirectories: true)
        }
        for (container, device) in [("c1", "veth1"), ("c2", "veth2")] {
            try FileManager.default.createDirectory(
                atPath: directory.path + "/data/results", withIntermediateDirectories: true)
            try directory.write(
                #"{"interfaces":[{"name":"br9"},{"name":"\#(device)"},{"name":"eth0","sandbox":"/run/netns/x"}]}"#,
                to: "data/results/net9-\(container)-eth0")
        }
        return CNINetwork(settings: settings, runner: RecordingRunner(Self.answer), logger: Logger(label: "test"))
    }

    @Test func aDeviceThatIsNotAtTheBridgeIsDamage() async throws {
        try await TemporaryDirectory.with { directory in
            let network = try network(directory)
            let absent = try NetworkNamespace("absent-1")
            #expect(network.damage(of: absent, containerID: "c1") == .namespaceMissing)
            #expect(network.damage(of: absent, containerID: "c2") == .disconnected)
            #expect(network.damage(of: absent, containerID: "unknown") == nil)
        }
    }

    @Test func rulesAreFoundByContainerAndAddress() async throws {
        try await TemporaryDirectory.with { directory in
            let network = try network(directory)
            let survey = try await network.survey()
            #expect(network.hasRules(containerID: "c1", address: "10.9.0.2", in: survey))
            #expect(!network.hasRules(containerID: "c1", address: "10.9.0.20", in: survey))
            // Of another network.
            #expect(!network.hasRules(containerID: "c2", address: "10.9.0.2", in: survey))
        }
    }
}
