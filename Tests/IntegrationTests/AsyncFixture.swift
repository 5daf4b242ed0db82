import Foundation
import TestSupport
import Testing

/// What tests of asynchronous calls do again and again.
struct AsyncFixture {
    let daemon: Daemon
    let admin: Curl

    /// A daemon with busybox, whose callbacks may go to this machine.
    static func with(
        _ arguments: [String] = [], setup: Setup = .whole, dataSize: String? = nil,
        _ body: (AsyncFixture) async throws -> Void
    ) async throws {
        // In a split setup these are the gateway's; here only the whole one is started with them.
        let arguments = setup == .whole ? ["--async-allow-private-callbacks", "true"] + arguments : arguments
        try await Daemon.with(setup: setup, arguments: arguments, dataSize: dataSize) { daemon in
            try await daemon.importImage("busybox")
            try await body(AsyncFixture(daemon: daemon, admin: try daemon.admin()))
        }
    }

    /// Deploys a function whose failures are tried again soon, or replaces it.
    func deploy(
        _ name: String, _ command: String, method: String = "POST", annotations: [String: String] = [:]
    ) async throws {
        var all = [
            "com.openfaas.retry.attempts": "3", "com.openfaas.retry.min_wait": "50ms",
            "com.openfaas.retry.max_wait": "100ms",
        ]
        all.merge(annotations) { $1 }
        let fields = all.map { "\"\($0.key)\":\"\($0.value)\"" }.joined(separator: ",")
        let body = """
            {"service":"\(name)","image":"docker.io/faasd/busybox:latest","envProcess":"\(command)",
             "annotations":{\(fields)}}
            """
        let answer = try await admin(method, "/system/functions", body: body)
        #expect(answer.status == 202, "\(answer.body)")
    }

    /// Hands a call over, which must be taken.
    func call(_ path: String, headers: [String] = [], body: String = "") async throws -> String {
        let answer = try await daemon.curl("POST", "/async-function/" + path, headers: headers, body: body)
        #expect(answer.status == 202, "\(answer.status) \(answer.body)")
        return try #require(answer.headers["x-call-id"])
    }

    /// What is known of a call.
    func status(_ id: String) async throws -> [String: Any] {
        let answer = try await admin("GET", "/system/async/calls/\(id)")
        return try #require(JSONSerialization.jsonObject(with: Data(answer.body.utf8)) as? [String: Any], "\(answer)")
    }

    /// Waits until a call is in a state.
    func eventually(_ id: String, is state: String, within limit: Duration = .seconds(20)) async throws {
        try await TestSupport.eventually("\(id) is \(state)", within: limit) {
            try await status(id)["state"] as? String == state
        }
    }

    /// What a function has written to `/tmp/seen` in its only replica.
    func seen(_ name: String) async throws -> [String] {
        let tasks = try await daemon.ctr("tasks", "ls", "-q").split(separator: "\n").map(String.init)
        let replica = try #require(tasks.first { $0.hasPrefix(name) }, "\(tasks)")
        return try await daemon.ctr(
            "tasks", "exec", "--exec-id", "look-\(UUID().uuidString.prefix(8))", replica, "cat", "/tmp/seen"
        ).split(separator: "\n").map(String.init)
    }
}
