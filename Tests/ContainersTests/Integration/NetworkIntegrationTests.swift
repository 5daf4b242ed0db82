import Foundation
import Testing

@testable import Containers

extension IntegrationTests {
    /// Real plugins; see ``HostNetwork``.
    @Suite(.serialized) struct NetworkTests {
        @Test func aContainerAnswersAtItsAddress() async throws {
            try await HostNetwork.with { machine, net in
                let files = HostFiles(
                    hostsPath: machine.directory.path + "/hosts", resolverPath: machine.directory.path + "/resolv.conf")
                try files.writeHosts([("gateway", net.network.gatewayAddress)])
                try files.writeResolver()
                let namespace = try net.name("a")
                try await net.namespaces.create(namespace)
                let attachment = try await net.network.attach(namespace, containerID: "web")
                #expect(attachment.address == "10.231.0.2")
                #expect(attachment.prefixLength == 24)
                #expect(attachment.gateway == "10.231.0.1")

                var spec = machine.spec("web", ["/bin/httpd", "-f", "-p", "8080", "-h", "/etc"])
                spec.networkNamespacePath = namespace.path
                spec.mounts = [
                    Mount(.bind(files.hostsPath), at: "/etc/hosts", readOnly: true),
                    Mount(.bind(files.resolverPath), at: "/etc/resolv.conf", readOnly: true),
                ]
                _ = try await machine.ctr.run(spec)
                let fetch = Command("busybox", ["wget", "-q", "-O", "-", "http://10.231.0.2:8080/hosts"])
                let hosts = try await eventually { () -> String? in
                    let result = try await net.host.run(fetch)
                    return result.succeeded ? result.outputText : nil
                }
                #expect(hosts.contains("10.231.0.1\tgateway\n"))

                let inside = try await machine.ctr.exec(
                    "web", namespace: Machine.namespace,
                    ExecSpec([
                        "/bin/sh", "-c",
                        "ip addr; ip route; cd /proc/sys/net/ipv6/conf; cat all/accept_ra default/accept_ra eth0/accept_ra; cat /etc/resolv.conf; touch /etc/hosts",
                    ]))
                #expect(inside.outputText.contains("10.231.0.2/24"))
                #expect(inside.outputText.contains("default via 10.231.0.1"))
                #expect(inside.outputText.contains("127.0.0.1/8"))
                #expect(!inside.outputText.contains("\n1\n"))
                #expect(inside.error.contains("Read-only"))

                // A file written in place is seen by the container that runs.
                try files.writeHosts([("gateway", net.network.gatewayAddress), ("late", "192.0.2.1")])
                let late = try await machine.ctr.exec(
                    "web", namespace: Machine.namespace, ExecSpec(["/bin/cat", "/etc/hosts"]))
                #expect(late.outputText.contains("late"))

                try await machine.ctr.delete("web", namespace: Machine.namespace)
                try await net.network.detach(namespace, containerID: "web")
                try await net.network.detach(namespace, containerID: "web")
            }
        }

        @Test func manyAttachmentsHaveDifferentAddresses() async throws {
            try await HostNetwork.with { _, net in
                let addresses = try await withThrowingTaskGroup(of: String.self) { group in
                    for number in 0..<10 {
                        let namespace = try net.name("m\(number)")
                        group.addTask {
                            try await net.namespaces.create(namespace)
                            return try await net.network.attach(namespace, containerID: "m\(number)").address
                        }
                    }
                    return try await group.reduce(into: Set<String>()) { $0.insert($1) }
                }
                #expect(addresses.count == 10)
                // Half of them lose their namespace first, as after a crash; their addresses are freed all the same.
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for number in 0..<10 {
                        let namespace = try net.name("m\(number)")
                        group.addTask {
                            if number % 2 == 0 { try await net.namespaces.delete(namespace) }
                            try await net.network.detach(namespace, containerID: "m\(number)")
                        }
                    }
                    try await group.waitForAll()
                }
            }
        }

        @Test func anAttachmentThatFailsIsUndone() async throws {
            try await HostNetwork.with { machine, net in
                let error = await #expect(throws: ContainersError.self) {
                    try await net.network.attach(net.name("absent"), containerID: "x")
                }
                #expect(error?.code == .networkFailed)
                let leases = machine.directory.names("cni/fctest").filter { $0.hasPrefix("10.") }
                #expect(leases.isEmpty)
                let namespace = try net.name("b")
                try await net.namespaces.create(namespace)
                let exists = await #expect(throws: ContainersError.self) { try await net.namespaces.create(namespace) }
                #expect(exists?.code == .alreadyExists)
            }
        }
    }
}
