import Foundation
import OpenFaaSAPI
import TestSupport
import Testing

/// Services beside the functions, with real containers.
@Suite(.serialized) struct ServiceTests {
    private static let image = "docker.io/faasd/busybox:latest"

    private func write(_ daemon: Daemon, _ text: String) throws {
        try text.write(toFile: daemon.directory + "/data/docker-compose.yaml", atomically: true, encoding: .utf8)
    }

    private func list(_ daemon: Daemon) async throws -> String {
        try await daemon.faasd("service", "list").output
    }

    private func file(_ daemon: Daemon, greeting: String) -> String {
        """
        services:
          greeter:
            image: \(Self.image)
            command: ["sh", "-c", "echo starting as $(id -u); cat /given/name; while true; do echo -n \\"$GREETING\\" | nc -l -p 7000; done"]
            environment: {GREETING: \(greeting)}
            volumes: ["./greeter:/given"]
            user: "65534:65534"
            ports: ["127.0.0.1:\(daemon.sparePort):7000"]
        """
    }

    @Test func aServiceIsReachedByItsNameAndFollowsItsFile() async throws {
        try await Daemon.with { daemon in
            try await daemon.importImage("busybox")
            try await daemon.importServiceImage("busybox")
            let folder = daemon.directory + "/data/greeter"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            try "volume here\n".write(toFile: folder + "/name", atomically: true, encoding: .utf8)
            try write(daemon, file(daemon, greeting: "hello"))
            try await eventually("it runs") { try await list(daemon).contains("running") }

            // A function finds it by its name.
            let body = #"{"service":"f","image":"\#(Self.image)","envProcess":"nc -w 5 greeter 7000"}"#
            #expect(try await daemon.admin()("POST", "/system/functions", body: body).status == 202)
            try await eventually("the function reaches it") {
                try await daemon.curl("GET", "/function/f").body == "hello"
            }
            // And this machine by the port.
            let answer = try await Shell.run("curl", ["-s", "--http0.9", "http://127.0.0.1:\(daemon.sparePort)/"])
            #expect(answer.output.contains("hello"), "\(answer)")
            let logs = try await daemon.faasd("service", "logs", "greeter")
            #expect(logs.output.contains("starting as 65534") && logs.output.contains("volume here"), "\(logs)")

            let restarted = try await daemon.faasd("service", "restart", "greeter")
            #expect(restarted.code == 0 && restarted.output.hasPrefix("greeter runs: "), "\(restarted)")

            // The file changes: a new container, at once. What cannot be used changes nothing.
            try write(daemon, file(daemon, greeting: "good-day"))
            try await eventually("the new entry holds") {
                try await daemon.curl("GET", "/function/f").body == "good-day"
            }
            try write(daemon, "services:\n  greeter:\n    image: x\n    privileged: true\n")
            let refused = try await daemon.faasd("service", "list")
            #expect(refused.code != 0 && refused.error.contains(":4: greeter: unknown key"), "\(refused)")
            #expect(try await daemon.curl("GET", "/function/f").body == "good-day")

            // Nor does it at the daemon's start.
            let kept = try await daemon.serviceContainers()
            try await daemon.end(signal: SIGTERM)
            try await daemon.start()
            try await eventually("the function reaches it") {
                try await daemon.curl("GET", "/function/f").body == "good-day"
            }
            #expect(try await daemon.serviceContainers() == kept && kept.count == 1)

            // The daemon's restart leaves it alone; without its entry it goes.
            try write(daemon, file(daemon, greeting: "good-day"))
            try await eventually("it runs") { try await list(daemon).contains("running") }
            let before = try await daemon.serviceContainers()
            try await daemon.end(signal: SIGTERM)
            try await daemon.start()
            try await eventually("it was taken over") { try await list(daemon).contains("running") }
            #expect(try await daemon.serviceContainers() == before && before.count == 1)
            try write(daemon, "services: {}\n")
            try await eventually("it is gone") { try await daemon.serviceContainers().isEmpty }
        }
    }

    @Test func aServiceThatEndsIsStartedAgainAndSaysWhy() async throws {
        try await Daemon.with { daemon in
            try await daemon.importServiceImage("busybox")
            try write(
                daemon,
                """
                services:
                  bad:
                    image: \(Self.image)
                    command: sh -c 'echo broken; exit 4'
                  once:
                    image: \(Self.image)
                    command: "true"
                    restart: on-failure
                """)
            try await eventually("its end is told") {
                try await list(daemon).contains("it ended with exit code 4")
            }
            try await eventually("it was tried again") {
                let states = try await daemon.faasd("service", "list", "--json").output
                return states.matches(of: /"restarts":[1-9]/).count == 1
            }
            try await eventually("the other ended well") {
                try await list(daemon).split(separator: "\n").contains { $0.hasPrefix("once  ended") }
            }
        }
    }
}
