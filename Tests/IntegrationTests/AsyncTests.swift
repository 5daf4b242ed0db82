import Foundation
import TestSupport
import Testing

/// Asynchronous calls through a real daemon to real functions.
@Suite(.serialized) struct AsyncTests {
    @Test func aCallRunsAndItsResultIsTold() async throws {
        let server = try RecordingServer(answers: [500])
        defer { server.stop() }
        try await AsyncFixture.with { fixture in
            try await fixture.deploy("upper", "tr a-z A-Z")
            let id = try await fixture.call(
                "upper.openfaas-fn/a/path?x=%2F1",
                headers: ["X-Callback-Url: http://127.0.0.1:\(server.port)/done?token=1", "X-Call-Id: my-call"],
                body: "hello")
            #expect(id == "my-call")
            // The first answer of the server is 500, so that it is told again.
            try await eventually("the callback came twice") { server.requests.count == 2 }
            let told = try #require(server.requests.last)
            #expect(told.line == "POST /done?token=1" && told.body == "HELLO")
            #expect(told.headers["x-call-id"] == id && told.headers["x-function-status"] == "200")
            #expect(told.headers["x-function-name"] == "upper.openfaas-fn")
            #expect(told.headers["x-retry"] == "0" && told.headers["x-retry-max"] == "3")
            let seconds = try #require(told.headers["x-duration-seconds"])
            #expect(seconds.wholeMatch(of: /[0-9]+\.[0-9]{6}/) != nil, "\(seconds)")
            try await eventually("it is known that it was told") {
                (try await fixture.status(id)["callback"] as? [String: Any])?["state"] as? String == "delivered"
            }
            let status = try await fixture.status(id)
            #expect(status["state"] as? String == "succeeded" && status["status"] as? Int == 200)
            #expect(status["path"] as? String == "/a/path?x=%2F1" && status["attempts"] as? Int == 1)
        }
    }

    @Test func headersPathAndQueryReachTheFunction() async throws {
        let server = try RecordingServer()
        defer { server.stop() }
        try await AsyncFixture.with { fixture in
            try await fixture.deploy("env", "env")
            let id = try await fixture.call(
                "env/a%20b?q=1&q=2",
                headers: [
                    "X-Mine: kept", "X-Callback-Url: http://127.0.0.1:\(server.port)/", "Connection: X-Gone",
                    "X-Gone: 1",
                ])
            try await eventually("the callback came") { server.requests.count == 1 }
            let environment = try #require(server.requests.first?.body)
            for line in [
                "Http_X_Mine=kept", "Http_Path=/a b", "Http_Query=q=1&q=2", "Http_Method=POST", "Http_X_Call_Id=\(id)",
            ] {
                #expect(environment.contains(line), "\(line) is not in \(environment)")
            }
            #expect(!environment.contains("Http_X_Gone"))
        }
    }

    @Test func aFailingCallBecomesADeadLetterAndIsRedriven() async throws {
        let server = try RecordingServer()
        defer { server.stop() }
        try await AsyncFixture.with { fixture in
            let callback = "X-Callback-Url: http://localhost:\(server.port)/"
            try await fixture.deploy("fragile", "false")
            let id = try await fixture.call("fragile", headers: [callback], body: "precious")
            try await fixture.eventually(id, is: "dead")
            let dead = try await fixture.status(id)
            #expect(dead["attempts"] as? Int == 3 && dead["status"] as? Int == 500)
            #expect((dead["error"] as? String)?.contains("500; it was sent 3 times") == true)
            try await eventually("the failure was told") { server.requests.count == 1 }
            #expect(server.requests[0].headers["x-function-status"] == "500")
            #expect(server.requests[0].headers["x-retry"] == "2")
            #expect(server.requests[0].headers["host"] == "localhost:\(server.port)")

            try await fixture.deploy("fragile", "cat", method: "PUT")
            let list = try await fixture.admin("GET", "/system/async/calls?state=dead&function=fragile")
            #expect(list.status == 200 && list.body.contains(id))
            try await eventually("it may be redriven") {
                try await fixture.admin("POST", "/system/async/calls/\(id)/redrive").status == 202
            }
            try await fixture.eventually(id, is: "succeeded")
            try await eventually("the success was told") { server.requests.count == 2 }
            #expect(server.requests[1].body == "precious")
        }
    }

    @Test func callsAreCancelled() async throws {
        try await AsyncFixture.with { fixture in
            try await fixture.deploy("slow", "sleep 30", annotations: ["com.openfaas.async.concurrency": "1"])
            let running = try await fixture.call("slow")
            try await fixture.eventually(running, is: "running")
            let waiting = try await fixture.call("slow")
            #expect(try await fixture.status(waiting)["state"] as? String == "waiting")
            // OpenFaaS's own way asks for no password: whoever knows the id may.
            #expect(try await fixture.daemon.curl("DELETE", "/async-function/\(waiting)").status == 202)
            #expect(try await fixture.admin("DELETE", "/system/async/calls/\(running)").status == 202)
            for id in [running, waiting] {
                #expect(try await fixture.status(id)["state"] as? String == "cancelled")
                #expect(try await fixture.admin("DELETE", "/system/async/calls/\(id)").status == 409)
            }
            // The place of the one that ran is free.
            let next = try await fixture.call("slow")
            try await fixture.eventually(next, is: "running", within: .seconds(10))
            #expect(try await fixture.admin("DELETE", "/system/async/calls/\(next)").status == 202)
            #expect(try await fixture.admin("DELETE", "/system/async/calls/nowhere").status == 404)
            #expect(try await fixture.daemon.curl("GET", "/system/async/calls").status == 401)
        }
    }

    @Test func theSameKeyIsTheSameCall() async throws {
        try await AsyncFixture.with { fixture in
            try await fixture.deploy("seen", "tee -a /tmp/seen")
            let key = "Idempotency-Key: order-1"
            let first = try await fixture.call("seen", headers: [key], body: "one\n")
            #expect(try await fixture.call("seen", headers: [key], body: "one\n") == first)
            try await fixture.eventually(first, is: "succeeded")
            #expect(try await fixture.call("seen", headers: [key], body: "one\n") == first)
            let other = try await fixture.call("seen", body: "two\n")
            try await fixture.eventually(other, is: "succeeded")
            #expect(try await fixture.seen("seen") == ["one", "two"])
        }
    }

    @Test func whatCannotBeTakenIsRefused() async throws {
        try await AsyncFixture.with(["--async-max-body-bytes", "1000", "--async-max-calls", "2"]) { fixture in
            try await fixture.deploy("slow", "sleep 30", annotations: ["com.openfaas.async.concurrency": "1"])
            let curl = fixture.daemon.curl
            let unknown = try await curl("POST", "/async-function/nowhere", body: "x")
            #expect(unknown.status == 404 && unknown.body.contains("nowhere"))
            #expect(try await curl("POST", "/async-function/-bad-", body: "x").status == 400)
            #expect(try await curl("GET", "/async-function/slow").status == 405)
            for url in ["file:///etc/passwd", "gateway", "http://"] {
                let callback = "X-Callback-Url: \(url)"
                let answer = try await curl("POST", "/async-function/slow", headers: [callback], body: "x")
                #expect(answer.status == 400, "\(url): \(answer.status)")
            }
            let long = String(repeating: "x", count: 1001)
            for options in [[], ["-H", "Transfer-Encoding: chunked"]] {
                let large = try await curl("POST", "/async-function/slow", body: long, options: options)
                #expect(large.status == 413 && large.body.contains("async-max-body-bytes"), "\(large)")
            }
            let first = try await fixture.call("slow")
            _ = try await fixture.call("slow")
            let full = try await curl("POST", "/async-function/slow", body: "x")
            #expect(full.status == 503 && Int(full.headers["retry-after"] ?? "") != nil)
            #expect(full.body.contains("the queue is full"))
            #expect(try await fixture.admin("DELETE", "/system/async/calls/\(first)").status == 202)
            _ = try await fixture.call("slow")
            for call in try await list(fixture) {
                _ = try await fixture.admin("DELETE", "/system/async/calls/\(call)")
            }
        }
    }

    private func list(_ fixture: AsyncFixture) async throws -> [String] {
        let answer = try await fixture.admin("GET", "/system/async/calls")
        let calls = try JSONSerialization.jsonObject(with: Data(answer.body.utf8)) as? [[String: Any]] ?? []
        return calls.compactMap { $0["id"] as? String }
    }

    @Test func callsOfADeletedFunctionAreDeadLetters() async throws {
        try await AsyncFixture.with { fixture in
            let single = ["com.openfaas.async.concurrency": "1"]
            try await fixture.deploy("gone", "sleep 2", annotations: single)
            let running = try await fixture.call("gone")
            try await fixture.eventually(running, is: "running")
            let waiting = try await fixture.call("gone")
            #expect(
                try await fixture.admin("DELETE", "/system/functions", body: #"{"functionName":"gone"}"#).status == 202)
            try await fixture.eventually(waiting, is: "dead")
            #expect((try await fixture.status(waiting)["error"] as? String)?.contains("not there any more") == true)
            #expect(try await fixture.daemon.curl("POST", "/async-function/gone", body: "x").status == 404)
        }
    }

    @Test func privateCallbacksAreRefusedButOwnFunctionsAreCalled() async throws {
        let server = try RecordingServer()
        defer { server.stop() }
        try await AsyncFixture.with(["--async-allow-private-callbacks", "false"]) { fixture in
            try await fixture.deploy("seen", "tee -a /tmp/seen")
            let port = fixture.daemon.curl.base.split(separator: ":").last ?? ""
            for target in ["127.0.0.1:\(server.port)/", "169.254.169.254/latest", "localhost:\(port)/system/info"] {
                let id = try await fixture.call("seen", headers: ["X-Callback-Url: http://\(target)"])
                try await eventually("\(target) is refused") {
                    (try await fixture.status(id)["callback"] as? [String: Any])?["state"] as? String == "failed"
                }
            }
            #expect(server.requests.isEmpty)
            for host in ["gateway:8080", "127.0.0.1:\(port)"] {
                let id = try await fixture.call(
                    "seen", headers: ["X-Callback-Url: http://\(host)/function/seen"], body: "by \(host)\n")
                try await eventually("\(host) was called") {
                    (try await fixture.status(id)["callback"] as? [String: Any])?["state"] as? String == "delivered"
                }
            }
            let seen = try await fixture.seen("seen")
            #expect(seen.count == 4 && Set(seen).count == 2, "\(seen)")
        }
    }

    @Test func theQueueIsInTheMetrics() async throws {
        try await AsyncFixture.with { fixture in
            try await fixture.deploy(
                "slow", "sleep 30",
                annotations: ["com.openfaas.async.concurrency": "1", "com.openfaas.queue": "snail"])
            let running = try await fixture.call("slow")
            try await fixture.eventually(running, is: "running")
            let waiting = try await fixture.call("slow")
            let labels = #"{queue_name="snail",function_name="slow.openfaas-fn"}"#
            let text = try await fixture.admin("GET", "/metrics").body
            for line in [
                "queue_worker_pending_messages\(labels) 1", "queue_worker_function_invocation_inflight\(labels) 1",
                "queue_worker_messages_submitted_total\(labels) 2", "queue_worker_oldest_message_seconds\(labels) 0.",
            ] {
                #expect(text.contains(line), "\(line)")
            }
            for id in [waiting, running] { _ = try await fixture.admin("DELETE", "/system/async/calls/\(id)") }
        }
    }
}
