import Foundation
import Glibc
import Testing

@testable import Containers

extension IntegrationTests.IsolationTests {
    /// Containers `one`, `two` (10.231.0.3) and `three`, of which the last may read metadata; servers on the host and
    /// beyond it; and two places with the addresses of metadata, on the host and beyond.
    static func withNeighbours(
        _ body: @Sendable (Machine, HostNetwork) async throws -> Void
    ) async throws {
        try await HostNetwork.with(hostPorts: [8080], hostServices: HostService.dns) { machine, net in
            try machine.directory.write("ok", to: "www/ok")
            let beyond = try await makeOutside(net)
            for (id, mayRead) in [("one", false), ("two", false), ("three", true)] {
                let namespace = try net.name(id)
                try await net.namespaces.create(namespace)
                _ = try await net.network.attach(namespace, containerID: id, allowMetadata: mayRead)
                var spec = machine.spec(id, ["/bin/httpd", "-f", "-p", "8080", "-h", "/www"])
                spec.networkNamespacePath = namespace.path
                spec.mounts = [Mount(.bind(machine.directory.path + "/www"), at: "/www", readOnly: true)]
                _ = try await machine.ctr.run(spec)
            }
            let servers: [(HostRunner, String)] = [
                (net.host, "10.231.0.1:8080"), (net.host, "10.231.0.1:9090"), (net.host, "10.231.0.1:53"),
                (net.host, "\(other):8080"), (net.host, "169.254.169.254:80"), (beyond, "\(outside):80"),
                (beyond, "169.254.170.2:80"),
            ]
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (runner, address) in servers {
                    let command = Command(
                        "busybox", ["httpd", "-f", "-p", address, "-h", machine.directory.path + "/www"],
                        timeLimit: .seconds(280))
                    group.addTask { _ = try? await runner.run(command) }
                }
                for (_, address) in servers {
                    _ = try await eventually {
                        let fetch = Command("busybox", ["wget", "-q", "-O", "-", "http://\(address)/ok"])
                        return try await net.host.run(fetch).succeeded ? true : nil
                    }
                }
                defer { group.cancelAll() }
                try await body(machine, net)
            }
            for id in ["one", "two", "three"] {
                try await machine.ctr.delete(id, namespace: Machine.namespace)
                try await net.network.detach(try net.name(id), containerID: id)
            }
        }
    }

    /// Packets between the first two do not go through the bridge then. A container without capabilities cannot ask
    /// for this.
    static func routeByWayOfTheHost(_ net: HostNetwork, _ verb: String) async throws {
        for (id, other) in [("one", "10.231.0.3/32"), ("two", "10.231.0.2/32")] {
            try await inNamespace(net, id, ["ip", "route", verb, other, "via", "10.231.0.1"])
        }
    }

    /// Another machine, at the other end of a cable.
    static func makeOutside(_ net: HostNetwork) async throws -> HostRunner {
        let beyond = HostRunner(host: try net.name("outside"))
        try await net.namespaces.create(beyond.host)
        try await net.host.require(
            "ip", "link", "add", "out0", "type", "veth", "peer", "name", "in0", "netns", beyond.host.name)
        for (runner, device, address) in [(net.host, "out0", "\(other)/24"), (beyond, "in0", "\(outside)/24")] {
            try await runner.require("ip", "address", "add", address, "dev", device)
            try await runner.require("ip", "link", "set", device, "up")
            try await runner.require("ip", "link", "set", "lo", "up")
        }
        try await beyond.require("ip", "address", "add", "169.254.170.2/32", "dev", "lo")
        try await net.host.require("ip", "route", "add", "169.254.170.2/32", "via", outside)
        try await net.host.require("ip", "address", "add", "169.254.169.254/32", "dev", "lo")
        // Where the kernel asks iptables about frames, too, what is meant for packets would hold them back as well.
        let bridgeRules = "/proc/sys/net/bridge/bridge-nf-call-iptables"
        if access(bridgeRules, F_OK) == 0 {
            let write = Command("tee", [bridgeRules], input: .bytes(Array("0\n".utf8)))
            try #require(try await net.host.run(write).succeeded)
        }
        return beyond
    }

    /// Tries all from inside a container, one after the other.
    static func expect(
        _ machine: Machine, _ id: String, reached: [String: String], refused: [String: String],
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        // Not with wget, which in a static busybox needs the C library's modules for names.
        var script = "request() { printf 'GET /ok HTTP/1.0\\r\\n\\r\\n' | nc -w 5 $1 $2 | tail -n 1; }\n"
        for (name, address) in reached.merging(refused, uniquingKeysWith: { first, _ in first }) {
            let parts = address.split(separator: ":")
            script += "echo \"\(name)=$(request \(parts[0]) \(parts[1]))\"\n"
        }
        let spec = ExecSpec(["/bin/sh", "-c", script], timeLimit: .seconds(60))
        // `ctr` may lose what a program wrote that was over in a moment.
        let lines = try await eventually { () -> Set<String>? in
            let text = try await machine.ctr.exec(id, namespace: Machine.namespace, spec).outputText
            let lines = Set(text.split(separator: "\n").map(String.init))
            return lines.count == reached.count + refused.count ? lines : nil
        }
        var expected = Set(reached.keys.map { "\($0)=ok" })
        expected.formUnion(refused.keys.map { "\($0)=" })
        #expect(lines == expected, "\(id)", sourceLocation: sourceLocation)
    }

    static func run(_ net: HostNetwork, _ id: String, _ command: [String]) async throws -> Bool {
        try await HostRunner(host: try net.name(id)).run(Command(command[0], Array(command.dropFirst()))).succeeded
    }

    static func inNamespace(_ net: HostNetwork, _ id: String, _ command: [String]) async throws {
        try #require(try await run(net, id, command), "\(command)")
    }
}
