import Foundation
import TestSupport
import Testing

/// Asynchronous calls that a NATS server keeps.
@Suite(.serialized) struct AsyncNATSTests {
    @Test func callsAreKeptByTheServer() async throws {
        try await NATSProcess.with(arguments: ["--user", "faasd", "--pass", "s3cret"]) { server in
            let url = "nats://faasd:s3cret@127.0.0.1:\(server.port)"
            try await AsyncFixture.with(["--async-store", "nats", "--nats-url", url]) { fixture in
                let daemon = fixture.daemon
                try await fixture.deploy("seen", "tee -a /tmp/seen")
                try await fixture.deploy("echo", "cat")
                try await eventually("a call is taken") {
                    try await daemon.curl("POST", "/async-function/echo", body: "x").status == 202
                }
                let told = "X-Callback-Url: http://gateway:8080/function/seen"
                let id = try await fixture.call("echo", headers: [told], body: "hello\n")
                try await fixture.eventually(id, is: "succeeded")
                try await eventually("the result is told") { try await fixture.seen("seen") == ["hello"] }
                // Without the server functions are called all the same, and calls that cannot be kept are refused.
                server.kill()
                try await eventually("a call is refused") {
                    let refused = try await daemon.curl("POST", "/async-function/seen", body: "refused\n")
                    return refused.status == 503 && refused.headers["retry-after"] != nil
                }
                #expect(try await daemon.curl("POST", "/function/echo", body: "x").status == 200)
                // The daemon starts without it, too.
                try await daemon.end(signal: SIGKILL)
                try await daemon.start()
                let early = try await daemon.curl("POST", "/async-function/seen", body: "early\n")
                #expect(early.status == 503, "\(early)")
                try await server.start()
                try await eventually("a call is taken again") {
                    try await daemon.curl("POST", "/async-function/seen", body: "late\n").status == 202
                }
                try await eventually("it has run") { try await fixture.seen("seen").contains("late") }
                #expect(try await fixture.status(id)["state"] as? String == "succeeded")
                #expect(try await !fixture.seen("seen").contains("early"))
            }
        }
    }
}
