import Foundation
import TestSupport
import Testing

/// Functions that messages call.
@Suite(.serialized) struct NATSTriggerTests {
    /// Sends a message as a client would that knows no more than the protocol.
    private func publish(_ text: String, to subject: String, at port: Int) async throws {
        let lines = #"CONNECT {\"verbose\":false}\r\nPUB \#(subject) \#(text.utf8.count)\r\n\#(text)\r\nPING\r\n"#
        let script = #"exec 3<>/dev/tcp/127.0.0.1/\#(port); printf "\#(lines)" >&3; grep -m1 -q PONG <&3"#
        try await Shell.must("timeout", ["10", "bash", "-c", script])
    }

    @Test func aMessageCallsAFunction() async throws {
        try await NATSProcess.with { server in
            try await AsyncFixture.with(["--nats-topics", "true", "--nats-url", server.url]) { fixture in
                try await fixture.deploy("seen", "tee -a /tmp/seen", annotations: ["topic": "orders.*"])
                try await eventually("the topic is served") {
                    try await fixture.triggers(of: "seen").first?["source"] as? String == "nats"
                }
                // The subscription reaches the server a moment later, and what comes before is nobody's.
                try await eventually("a message is a call") {
                    try await publish("hello", to: "orders.new", at: server.port)
                    return try await fixture.calls(of: "seen").contains { $0["state"] as? String == "succeeded" }
                }
                #expect(try await fixture.seen("seen").first?.hasPrefix("hello") == true)
                try await publish("nobody", to: "other.new", at: server.port)
                server.kill()
                try await server.start()
                let count = try await fixture.calls(of: "seen").count
                try await eventually("messages come again") {
                    try await publish("again", to: "orders.again", at: server.port)
                    return try await fixture.calls(of: "seen").count > count
                }
                #expect(try await !fixture.seen("seen").joined().contains("nobody"))
            }
        }
    }
}
