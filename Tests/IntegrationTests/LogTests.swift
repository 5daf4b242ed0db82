import Foundation
import OpenFaaSAPI
import TestSupport
import Testing

/// What functions write, through HTTP.
@Suite(.serialized) struct LogTests {
    private func deploy(_ daemon: Daemon, process: String, variables: String = "") async throws {
        try await daemon.importImage("busybox")
        let body = """
            {"service":"f","image":"docker.io/faasd/busybox:latest","envProcess":"\(process)","envVars":{\(variables)}}
            """
        #expect(try await daemon.admin()("POST", "/system/functions", body: body).status == 202)
    }

    private func messages(_ daemon: Daemon, _ query: String, options: [String] = []) async throws -> [LogMessage] {
        let answer = try await daemon.admin()("GET", "/system/logs?name=f" + query, options: options)
        #expect(answer.status == 200, "\(answer.body)")
        return try answer.body.split(separator: "\n").map {
            try JSONDecoder().decode(LogMessage.self, from: Data($0.utf8))
        }
    }

    @Test func linesOfAFunctionAndItsReplica() async throws {
        try await Daemon.with { daemon in
            // What a call's process writes to standard error is its log.
            try await deploy(daemon, process: "tee /dev/stderr")
            for number in 1...5 {
                #expect(try await daemon.curl("POST", "/function/f", body: "line \(number)\n").status == 200)
            }
            try await eventually("the lines are there") {
                try await messages(daemon, "").contains { $0.text.contains("line 5") }
            }
            let all = try await messages(daemon, "&tail=-1")
            let lines = all.filter { $0.text.contains("line ") }
            #expect(lines.count == 5)
            #expect(Set(all.map(\.name)) == ["f"] && Set(all.map(\.namespace)) == ["openfaas-fn"])
            #expect(all.map(\.timestamp) == all.map(\.timestamp).sorted())
            let instance = try #require(lines.first?.instance)
            #expect(try await messages(daemon, "&instance=\(instance)").count == all.count)
            #expect(try await messages(daemon, "&instance=other").isEmpty)
            #expect(try await messages(daemon, "&tail=1").map(\.text) == all.suffix(1).map(\.text))
            let third = try #require(lines.dropFirst(2).first)
            let since = try await messages(daemon, "&since=\(third.timestamp)")
            #expect(since.contains(third) && since.allSatisfy { $0.timestamp >= third.timestamp })
        }
    }

    @Test func followingEndsWithTheClient() async throws {
        try await Daemon.with { daemon in
            try await deploy(daemon, process: "tee /dev/stderr")
            async let followed = messages(daemon, "&follow=true&tail=1", options: ["--max-time", "4"])
            try await Task.sleep(for: .seconds(1))
            #expect(try await daemon.curl("POST", "/function/f", body: "while it follows\n").status == 200)
            #expect(try await followed.contains { $0.text.contains("while it follows") })
            // The daemon serves on, and has let go of the follower.
            #expect(try await daemon.curl("POST", "/function/f", body: "x\n").status == 200)
        }
    }

    @Test func aLineOfAMegabyteIsOneMessage() async throws {
        try await Daemon.with { daemon in
            // The watchdog splits lines at its own buffer.
            try await deploy(daemon, process: "tee /dev/stderr", variables: #""log_buffer_size":"-1""#)
            let long = String(repeating: "y", count: 1_000_000)
            #expect(try await daemon.curl("POST", "/function/f", body: long + "\n").status == 200)
            try await eventually("the line is there") {
                try await messages(daemon, "&tail=-1").contains { $0.text.utf8.count >= 1_000_000 }
            }
        }
    }

    @Test func badQueriesAreRefused() async throws {
        try await Daemon.with { daemon in
            let admin = try daemon.admin()
            #expect(try await admin("GET", "/system/logs?name=none").status == 404)
            #expect(try await admin("GET", "/system/logs").status == 400)
            #expect(try await admin("GET", "/system/logs?name=..%2f..").status == 400)
            #expect(try await daemon.curl("GET", "/system/logs?name=f").status == 401)
            try await deploy(daemon, process: "cat")
            #expect(try await admin("GET", "/system/logs?name=f&tail=x").status == 400)
            #expect(try await admin("GET", "/system/logs?name=f&since=yesterday").status == 400)
            #expect(try await admin("GET", "/system/logs?name=f&instance=..%2fetc").status == 400)
        }
    }
}
