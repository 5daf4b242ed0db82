import NIOCore
import Testing

@testable import NATS

struct SmallValuesTests {
    @Test func subjectsHaveAForm() {
        for subject in ["a", "a.b-c_d.e", "$JS.API.INFO", "_INBOX.x.1"] { #expect(Subject.isLiteral(subject)) }
        for subject in ["a.*", ">", "a.>", "*.b"] {
            #expect(!Subject.isLiteral(subject) && Subject.isPattern(subject))
        }
        for subject in ["", ".", "a.", ".a", "a..b", "a b", "a\r\nPUB b 0", "a.>.b", "a*", "a.b>", "a\u{7F}"] {
            #expect(!Subject.isPattern(subject), "\(subject)")
        }
        #expect(!Subject.isLiteral(String(repeating: "a", count: 1025)))
    }

    @Test func anyTextIsAToken() {
        #expect(natsToken("faas-request") == "faas-request" && natsToken("a.b=c") == "a=2Eb=3Dc")
        #expect(natsToken("é *>") == "=C3=A9=20=2A=3E" && Subject.isLiteral(natsToken("a\r\n.>")))
    }

    @Test func urlsAreRead() throws {
        let plain = try NATSServer(url: "nats://example.com")
        #expect(plain.host == "example.com" && plain.port == 4222 && plain.credentials == .none)
        #expect(try NATSServer(url: "nats://127.0.0.1:5000/").port == 5000)
        #expect(try NATSServer(url: "nats://[::1]:5000").host == "::1")
        let user = try NATSServer(url: "nats://me:s%40cret@h:1")
        #expect(user.credentials == .user("me", password: "s@cret"))
        #expect(try NATSServer(url: "nats://t0ken@h").credentials == .token("t0ken"))
        for shown in ["\(user)", String(reflecting: user), "\(NATSConfiguration(server: user))"] {
            #expect(!shown.contains("cret") && shown.contains("nats://h:1"), "\(shown)")
        }
        for url in ["", "h", "http://h", "tls://h", "nats://", "nats://h:0", "nats://h/x", "nats://h?x", "nats://u:p@"]
        {
            let error = #expect(throws: NATSError.self) { _ = try NATSServer(url: url) }
            #expect(error?.code == .badURL)
        }
    }

    @Test func waitsGrow() {
        var backoff = Backoff(minimum: .milliseconds(50), maximum: .seconds(2))
        #expect(
            (0..<8).map { _ in backoff.next(random: 0) }
                == [50, 100, 200, 400, 800, 1600, 2000, 2000].map { .milliseconds($0) })
        #expect(backoff.next(random: 1) == .seconds(1))
        backoff.succeeded()
        #expect(backoff.next(random: 0) == .milliseconds(50))
    }

    @Test func acknowledgementsAreRead() throws {
        let reply = "$JS.ACK.CALLS.c.2.17.5.1795532391304163856.4"
        let delivery = try #require(Delivery(NATSMessage(subject: "a", reply: reply)))
        #expect(delivery.deliveries == 2 && delivery.sequence == 17 && delivery.pending == 4)
        let long = "$JS.ACK.hub.hash.CALLS.c.2.17.5.1795532391304163856.4.random"
        #expect(Delivery(NATSMessage(subject: "a", reply: long))?.sequence == 17)
        for bad in ["", "a", "$JS.ACK.1.2", "$JS.ACK.CALLS.c.x.17.5.1.4"] {
            #expect(Delivery(NATSMessage(subject: "a", reply: bad)) == nil)
        }
    }

    private func message(_ text: String) -> NATSMessage { NATSMessage(subject: "s", payload: Array(text.utf8)) }

    @Test func aSlowReaderLosesWhatWasSaid() async throws {
        for (overflow, kept) in [(NATSBufferLimits.Overflow.dropOldest, ["b", "c"]), (.dropNewest, ["a", "b"])] {
            let mailbox = Mailbox(NATSBufferLimits(messages: 2, overflow: overflow))
            for text in ["a", "b", "c"] { mailbox.deliver(message(text)) }
            mailbox.finish()
            for text in kept { #expect(try await mailbox.next() == message(text)) }
            #expect(try await mailbox.next() == nil && mailbox.dropped == 1)
        }
        let mailbox = Mailbox(NATSBufferLimits(messages: 9, bytes: 3, overflow: .fail))
        for text in ["ab", "cd", "e"] { mailbox.deliver(message(text)) }
        #expect(try await mailbox.next() == message("ab"))
        let error = await #expect(throws: NATSError.self) { _ = try await mailbox.next() }
        #expect(error?.code == .overloaded)
    }

    @Test func aCancelledReaderGoes() async throws {
        let mailbox = Mailbox(NATSBufferLimits())
        let reader = Task { try await mailbox.next() }
        reader.cancel()
        #expect(try await reader.value == nil)
        mailbox.deliver(message("a"))
        #expect(try await mailbox.next() == message("a"))
    }
}
