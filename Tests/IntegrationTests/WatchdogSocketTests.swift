import Foundation
import TestSupport
import Testing

/// Calls to faasd's own watchdog go over a Unix socket.
@Suite(.serialized) struct WatchdogSocketTests {
    private func deploy(_ daemon: Daemon, _ fields: String = #""envProcess":"cat""#) async throws {
        try await daemon.importImage("busybox")
        let body = #"{"service":"f","image":"docker.io/faasd/busybox:latest",\#(fields)}"#
        #expect(try await daemon.admin()("POST", "/system/functions", body: body).status == 202)
    }

    private func sockets(_ daemon: Daemon) throws -> [String] {
        let directory = daemon.directory + "/run/sockets"
        guard FileManager.default.fileExists(atPath: directory) else { return [] }
        return try FileManager.default.contentsOfDirectory(atPath: directory).map { "\(directory)/\($0)/s" }
    }

    @Test func callsPassTheBridgeBy() async throws {
        try await Daemon.with { daemon in
            // The variable that is set for the watchdog is no secret, and no harm: it is its own.
            try await deploy(daemon)
            #expect(try sockets(daemon).count == 1)
            try await Shell.must("ip", ["link", "set", daemon.bridge, "down"])
            let answer = try await daemon.curl("POST", "/function/f", body: "hello", options: ["--max-time", "5"])
            try await Shell.must("ip", ["link", "set", daemon.bridge, "up"])
            #expect(answer.status == 200 && answer.body == "hello")
            // The same after the daemon has come back and taken the replica over.
            try await daemon.end(signal: SIGKILL)
            try await daemon.start()
            #expect(try await daemon.curl("POST", "/function/f", body: "again").body == "again")
            #expect(
                try await daemon.admin()("DELETE", "/system/functions", body: #"{"functionName":"f"}"#).status == 202)
            try await eventually("the directory is gone") { try sockets(daemon).isEmpty }
        }
    }

    @Test func withoutItCallsUsePort8080() async throws {
        try await Daemon.with(arguments: ["--watchdog-socket", "false"]) { daemon in
            try await deploy(daemon)
            #expect(try sockets(daemon).isEmpty)
            #expect(try await daemon.curl("POST", "/function/f", body: "hello").body == "hello")
        }
    }

    @Test func aFunctionCannotLeadTheGatewayElsewhere() async throws {
        try await Daemon.with { daemon in
            // Its first call puts a link to containerd's socket where its own was.
            try await deploy(daemon, #""envProcess":"ln -sf \#(daemon.environment.containerd) /run/fwatchdog/s""#)
            #expect(try await daemon.curl("GET", "/function/f").status == 200)
            let socket = try #require(try sockets(daemon).first)
            let target = try FileManager.default.destinationOfSymbolicLink(atPath: socket)
            #expect(target == daemon.environment.containerd)
            // A new daemon has no open connections, and finds no socket: it uses the port.
            try await daemon.end(signal: SIGKILL)
            try await daemon.start()
            #expect(try await daemon.curl("GET", "/function/f").status == 200)
        }
    }
}
