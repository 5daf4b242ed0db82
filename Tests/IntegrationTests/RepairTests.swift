import Foundation
import TestSupport
import Testing

/// Somebody, or something, takes away what a function needs; it comes back, or the answer says what is wrong.
@Suite(.serialized) struct RepairTests {
    private static let body = #"{"service":"f","image":"docker.io/faasd/busybox:latest","envProcess":"cat"}"#
    /// The daemon looks at everything every second here, and twice a minute where nothing is said.
    private static let often = ["--resync-interval", "1s"]

    /// Runs a body with a daemon whose function `f` serves; afterwards deletes `f` and sees that nothing is left.
    private func withFunction(containerd: String? = nil, _ damage: (Daemon) async throws -> Void) async throws {
        try await Daemon.with(containerd: containerd, arguments: Self.often) { daemon in
            try await daemon.importImage("busybox")
            try await deploy(daemon)
            try await delete(daemon)
            let baseline = try await daemon.holdings()
            try await deploy(daemon)
            try await damage(daemon)
            try await answers(daemon)
            try await delete(daemon)
            try await daemon.returns(to: baseline)
        }
    }

    private func deploy(_ daemon: Daemon) async throws {
        let answer = try await daemon.admin()("POST", "/system/functions", body: Self.body)
        try #require(answer.status == 202, "\(answer.body)")
    }

    private func delete(_ daemon: Daemon) async throws {
        let answer = try await daemon.admin()("DELETE", "/system/functions", body: #"{"functionName":"f"}"#)
        try #require(answer.status == 202, "\(answer.body)")
    }

    private func answers(_ daemon: Daemon) async throws {
        try await eventually("the function answers", within: .seconds(30)) {
            let answer = try await daemon.curl("POST", "/function/f", body: "x", options: ["--max-time", "10"])
            return answer.status == 200 && answer.body == "x"
        }
    }

    private func container(_ daemon: Daemon) async throws -> String {
        let ids = try await daemon.ctr("containers", "ls", "-q").split(separator: "\n")
        return String(try #require(ids.first))
    }

    private func networkNamespaces(_ daemon: Daemon) async throws -> [String] {
        try await Shell.must("ip", ["netns", "list"]).split(separator: "\n")
            .compactMap { $0.split(separator: " ").first.map(String.init) }.filter { $0.hasPrefix(daemon.bridge + "-") }
    }

    @Test func theBridgeIsDeleted() async throws {
        try await withFunction { daemon in
            try await Shell.must("ip", ["link", "delete", daemon.bridge])
        }
    }

    @Test func theNetworkNamespaceIsDeleted() async throws {
        try await withFunction { daemon in
            let before = try await networkNamespaces(daemon)
            try #require(before.count == 1)
            try await Shell.must("ip", ["netns", "delete", before[0]])
            try await eventually("there is another network namespace") {
                let now = try await networkNamespaces(daemon)
                return now.count == 1 && now != before
            }
        }
    }

    @Test func theRulesAreFlushed() async throws {
        try await withFunction { daemon in
            func rules() async throws -> Int {
                try await daemon.leftovers().count { $0.hasPrefix("rule ") }
            }
            try await eventually("the daemon has seen the rules") {
                await daemon.logTail().contains("seen the rules of a replica")
            }
            let before = try await rules()
            try await Shell.must("iptables", ["-F"])
            try await Shell.must("iptables", ["-t", "nat", "-F"])
            try #require(try await rules() < before)
            try await eventually("the rules are there again") { try await rules() == before }
        }
    }

    @Test func theRulesOfANewReplicaAreSeenAtOnce() async throws {
        try await Daemon.with(arguments: ["--resync-interval", "10m"]) { daemon in
            try await daemon.importImage("busybox")
            let function = #"{"service":"f","image":"docker.io/faasd/busybox:latest","envProcess":"cat"}"#
            #expect(try await daemon.admin()("POST", "/system/functions", body: function).status == 202)
            try await eventually("the daemon has seen the rules") {
                await daemon.logTail().contains("seen the rules of a replica")
            }
        }
    }

    @Test func theContainerIsRemovedByHand() async throws {
        try await withFunction { daemon in
            let before = try await container(daemon)
            try await daemon.ctr("tasks", "rm", "--force", before)
            try await daemon.ctr("containers", "rm", before)
            try await eventually("there is another container") {
                let now = try await daemon.ctr("containers", "ls", "-q").split(separator: "\n")
                return now.count == 1 && now[0] != before
            }
        }
    }

    @Test func theTaskIsKilledWhileContainerdIsDown() async throws {
        try await Containerd.with { containerd in
            try await withFunction(containerd: containerd.address) { daemon in
                let task = try await daemon.ctr("tasks", "ls").split(separator: "\n").last
                let process = try #require(task?.split(separator: " ").dropFirst().first.flatMap { Int32($0) })
                try await containerd.end()
                kill(process, SIGKILL)
                try await containerd.start()
            }
        }
    }

    @Test func theDiskIsFull() async throws {
        // A large environment, so that the database must grow.
        let value = String(repeating: "x", count: 100_000)
        let variables = (1...5).map { "\"V\($0)\":\"\(value)\"" }.joined(separator: ",")
        let large = """
            {"service":"large","image":"docker.io/faasd/busybox:latest","envProcess":"cat","envVars":{\(variables)}}
            """
        try await Daemon.with(dataSize: "8m") { daemon in
            try await daemon.importImage("busybox")
            let admin = try daemon.admin()
            try await deploy(daemon)
            let small = #"{"name":"small","value":"x"}"#
            #expect(try await admin("POST", "/system/secrets", body: small).status == 201)
            try await daemon.fillDisk()
            let baseline = try await daemon.holdings()
            let refused = try await admin("POST", "/system/functions", body: large)
            #expect(refused.status == 507, "\(refused.body)")
            #expect(refused.body.contains("disk is full"), "\(refused.body)")
            let secret = try await admin("POST", "/system/secrets", body: #"{"name":"s","value":"\#(value)"}"#)
            #expect(secret.status == 507 && secret.body.contains("disk is full"), "\(secret.body)")
            try await daemon.returns(to: baseline)
            try await answers(daemon)
            #expect(try await admin("GET", "/system/function/large").status == 404)

            daemon.emptyDisk()
            let accepted = try await admin("POST", "/system/functions", body: large)
            #expect(accepted.status == 202, "\(accepted.body)")
            #expect(try await daemon.curl("POST", "/function/large", body: "x").body == "x")
        }
    }
}
