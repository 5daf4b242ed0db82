import Foundation
import Glibc
import Testing

@testable import Containers

extension IntegrationTests {
    /// Containers try to reach what they must not, and what they may.
    ///
    /// That the attempts would succeed is shown first, with the isolation taken away by hand.
    @Suite(.serialized) struct IsolationTests {
        static let outside = "198.51.100.2"
        static let other = "198.51.100.1"

        /// What a container tries: a word for it, and where it is.
        private static let allowed = [
            "gateway": "10.231.0.1:8080", "dns": "10.231.0.1:53", "internet": "\(outside):80",
        ]
        private static let metadata = ["metadata": "169.254.169.254:80", "metadata-beyond": "169.254.170.2:80"]
        private static let forbidden = [
            "port": "10.231.0.1:9090", "address": "\(other):8080", "neighbour": "10.231.0.3:8080",
        ]

        @Test(.timeLimit(.minutes(5))) func whatAContainerReaches() async throws {
            try await Self.withNeighbours { machine, net in
                try await Self.expect(machine, "one", reached: Self.allowed, refused: Self.forbidden)
                try await Self.expect(machine, "one", reached: [:], refused: Self.metadata)
                try await Self.routeByWayOfTheHost(net, "add")
                try await Self.expect(machine, "one", reached: [:], refused: Self.forbidden)
                // The host reaches all of them, and the third has been allowed to read metadata.
                try await net.host.require("busybox", "wget", "-q", "-O", "-", "http://10.231.0.3:8080/ok")
                try await Self.expect(
                    machine, "three", reached: Self.metadata.merging(Self.allowed) { first, _ in first },
                    refused: ["port": "10.231.0.1:9090"])

                // Without the rules: by way of the host.
                try await net.host.require("iptables", "-F", "ISOLATE-IN-fctest0")
                try await net.host.require("iptables", "-F", "ISOLATE-FWD-fctest0")
                try await Self.expect(machine, "one", reached: Self.forbidden, refused: [:])
                try await Self.expect(machine, "one", reached: Self.metadata, refused: [:])
                #expect(try await net.network.ensure() == [.rules])
                #expect(try await net.network.ensure() == [])
                try await Self.expect(machine, "one", reached: Self.allowed, refused: Self.forbidden)
                try await Self.expect(machine, "three", reached: Self.metadata, refused: [:])

                // Without the isolation of ports: through the bridge.
                try await Self.routeByWayOfTheHost(net, "delete")
                for device in net.network.hostDevices() {
                    try await net.host.require("ip", "link", "set", device, "type", "bridge_slave", "isolated", "off")
                }
                try await Self.expect(machine, "one", reached: ["neighbour": "10.231.0.3:8080"], refused: [:])
                #expect(try await net.network.ensure() == [.openPorts])
                try await Self.expect(machine, "one", reached: Self.allowed, refused: Self.forbidden)
            }
        }

        @Test func datagrams() async throws {
            try await HostNetwork.with(hostServices: HostService.dns) { _, net in
                for id in ["one", "two"] {
                    try await net.namespaces.create(net.name(id))
                    _ = try await net.network.attach(net.name(id), containerID: id)
                }
                let one = HostRunner(host: try net.name("one"))
                let two = HostRunner(host: try net.name("two"))
                let reached = { @Sendable (address: String, port: UInt16, server: HostRunner) in
                    try await Datagrams.areAnswered(from: one, to: address, port: port, on: server)
                }
                #expect(try await reached("10.231.0.1", 53, net.host))
                #expect(try await !reached("10.231.0.1", 5353, net.host))
                #expect(try await !reached("10.231.0.3", 53, two))
                try await net.host.require("iptables", "-F", "ISOLATE-IN-fctest0")
                #expect(try await reached("10.231.0.1", 5353, net.host))
                for id in ["one", "two"] { try await net.network.detach(net.name(id), containerID: id) }
            }
        }

        /// The plugin for the firewall accepts all from a container, so what is put before it counts.
        @Test func ourRulesComeFirst() async throws {
            try await Self.withNeighbours { machine, net in
                let jump = ["FORWARD", "-i", "fctest0", "-j", "ISOLATE-FWD-fctest0"]
                for arguments in [["-D"] + jump, ["-A"] + jump, ["-A"] + jump] {
                    #expect(try await net.host.run(Command("iptables", ["-w"] + arguments)).succeeded)
                }
                try await Self.expect(machine, "one", reached: ["beyond": "169.254.170.2:80"], refused: [:])
                // An attachment looks as well.
                let namespace = try net.name("four")
                try await net.namespaces.create(namespace)
                _ = try await net.network.attach(namespace, containerID: "four")
                try await Self.expect(machine, "one", reached: [:], refused: ["beyond": "169.254.170.2:80"])
                try await net.network.detach(namespace, containerID: "four")
                #expect(try await net.host.require("iptables", "-S", "FORWARD").ranges(of: "ISOLATE").count == 1)
            }
        }

        @Test func nothingByIPv6() async throws {
            try await Self.withNeighbours { _, net in
                let sysctl = "/proc/sys/net/ipv6/conf/fctest0/disable_ipv6"
                #expect(try await net.host.require("ip", "-6", "address", "show", "dev", "fctest0").isEmpty)
                #expect(try await net.network.ensure() == [])
                let write = Command("tee", [sysctl], input: .bytes(Array("0\n".utf8)))
                #expect(try await net.host.run(write).succeeded)
                try await net.host.require("ip6tables", "-F")
                let address = try await eventually { () -> String? in
                    let text = try await net.host.require("ip", "-6", "address", "show", "dev", "fctest0")
                    return text.split(separator: " ").first { $0.hasPrefix("fe80:") && $0.hasSuffix("/64") }
                        .map { String($0.dropLast(3)) }
                }
                let ping = ["busybox", "ping", "-6", "-c", "1", "-W", "1", "-I", "eth0", address]
                _ = try await eventually { try await Self.run(net, "one", ping) ? true : nil }
                #expect(try await net.network.ensure() == [.bridgeWithIPv6, .rulesForIPv6])
                #expect(try await !Self.run(net, "one", ping))
                #expect(try await net.host.require("ip", "-6", "address", "show", "dev", "fctest0").isEmpty)
            }
        }

        @Test func theStateOfTheBridge() async throws {
            try await HostNetwork.with(hostPorts: [8080]) { _, net in
                let state = { @Sendable in net.network.bridgeState() }
                #expect(try await net.host.inside(state) == .absent)
                #expect(try await net.network.ensure() == [.rules, .rulesForIPv6])
                let namespace = try net.name("a")
                #expect(!net.network.isAttached(namespace, containerID: "a"))
                try await net.namespaces.create(namespace)
                _ = try await net.network.attach(namespace, containerID: "a")
                #expect(try await net.host.inside(state) == .present)
                #expect(net.network.isAttached(namespace, containerID: "a"))
                #expect(!net.network.isAttached(namespace, containerID: "b"))

                try await net.host.require("ip", "address", "delete", "10.231.0.1/24", "dev", "fctest0")
                let lost = BridgeState.broken("the bridge fctest0 has lost the address 10.231.0.1")
                #expect(try await net.host.inside(state) == lost)
                try await net.host.require("ip", "address", "add", "10.231.0.1/24", "dev", "fctest0")
                try await net.host.require("ip", "link", "set", "fctest0", "down")
                #expect(try await net.host.inside(state) == .broken("the bridge fctest0 is down"))
                try await net.host.require("ip", "link", "delete", "fctest0")
                #expect(try await net.host.inside(state) == .absent)
                #expect(!net.network.isAttached(namespace, containerID: "a"))
                #expect(try await net.network.ensure() == [])
                // The next attachment makes the bridge again, isolated.
                try await net.network.detach(namespace, containerID: "a")
                _ = try await net.network.attach(namespace, containerID: "a")
                #expect(try await net.host.inside(state) == .present)
                #expect(try await net.network.ensure() == [])
                try await net.namespaces.delete(namespace)
                #expect(!net.network.isAttached(namespace, containerID: "a"))
                try await net.network.detach(namespace, containerID: "a")
            }
        }

        /// Port 80 for a user that is not root: by the network namespace, since a capability alone is of no use.
        @Test func lowPortsForAUser() async throws {
            try await HostNetwork.with { machine, net in
                let image = "docker.io/containers-test/user:latest"
                _ = try await machine.images.importArchive(
                    try await BoxImage.archive(in: machine.directory.path + "/user", name: image, user: "1000:1000"),
                    namespace: Machine.namespace)
                for (id, start) in [("low", 0), ("high", nil as Int?)] {
                    let namespace = try net.name(id)
                    try await net.namespaces.create(namespace, unprivilegedPortStart: start)
                    var spec = machine.spec(id, ["/bin/httpd", "-f", "-p", "80", "-h", "/etc"])
                    spec.image = image
                    spec.addCapabilities = ["CAP_NET_BIND_SERVICE"]
                    spec.networkNamespacePath = namespace.path
                    _ = try await machine.ctr.run(spec)
                }
                try await machine.waitForEnd(of: "high")
                let fetch = ["busybox", "wget", "-q", "-O", "-", "http://127.0.0.1/group"]
                _ = try await Self.inNamespace(net, "low", ["ip", "link", "set", "lo", "up"])
                _ = try await eventually { try await Self.run(net, "low", fetch) ? true : nil }
            }
        }
    }
}
