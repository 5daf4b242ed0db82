import Logging
import NIOPosix
import TestSupport
import Testing

@testable import NATS

/// Against a real server.
struct JetStreamTests {
    private func withStreams(_ body: (JetStream, NATSProcess) async throws -> Void) async throws {
        try await NATSProcess.with { server in
            let client = NATSClient(
                configuration: NATSConfiguration(server: try NATSServer(url: server.url)),
                group: MultiThreadedEventLoopGroup.singleton,
                logger: Logger(label: "nats") { _ in SwiftLogNoOpLogHandler() })
            client.start()
            do {
                try await client.waitUntilConnected(within: .seconds(10))
                try await body(JetStream(client: client), server)
            } catch {
                await client.shutdown()
                throw error
            }
            await client.shutdown()
        }
    }

    @Test func aStreamKeepsWhatItTook() async throws {
        try await withStreams { streams, server in
            var configuration = StreamConfiguration(name: "S", subjects: ["s.>"])
            try await streams.ensureStream(configuration)
            try await streams.ensureStream(configuration)
            configuration.messagesPerSubject = 5
            try await streams.ensureStream(configuration)
            let first = try await streams.publish("s.a", headers: ["A": "b"], payload: [1], id: "x", lastSequence: 0)
            #expect(first.sequence == 1 && !first.isDuplicate)
            #expect(try await streams.publish("s.a", payload: [1], id: "x").isDuplicate)
            let wrong = await #expect(throws: NATSError.self) {
                _ = try await streams.publish("s.a", payload: [2], lastSequence: 0)
            }
            #expect(wrong?.isWrongSequence == true)
            #expect(try await streams.publish("s.a", payload: [2], lastSequence: 1).sequence == 2)
            server.kill()
            try await server.start()
            try await streams.client.waitUntilConnected(within: .seconds(20))
            #expect(try await streams.message(1, of: "S")?.headers["A"] == "b")
            let last = try #require(try await streams.lastMessage("s.a", of: "S"))
            #expect(last.0 == 2 && last.1.payload == [2])
            #expect(try await streams.state(of: "S").messages == 2)
            for _ in 0..<2 { try await streams.delete(1, of: "S") }
            #expect(try await streams.message(1, of: "S") == nil)
            let missing = await #expect(throws: NATSError.self) { _ = try await streams.publish("t", payload: []) }
            #expect(missing?.code == .noResponders)
        }
    }

    /// The next message that a consumer gives within a while.
    private func next(_ streams: JetStream) async throws -> Delivery {
        var found: Delivery?
        try await streams.follow("c", of: "S", limit: 1, wait: .seconds(20)) { found = $0 }
        return try #require(found)
    }

    @Test func aConsumerGivesEachMessageOnce() async throws {
        try await withStreams { streams, _ in
            try await streams.ensureStream(StreamConfiguration(name: "S", subjects: ["s.>"]))
            let consumer = ConsumerConfiguration.shared("c", filter: "s.a", ackWait: .seconds(60))
            for _ in 0..<2 { try await streams.ensureConsumer(consumer, of: "S") }
            for number: UInt8 in 0..<5 { _ = try await streams.publish("s.a", payload: [number]) }
            _ = try await streams.publish("s.b", payload: [9])
            let first = try await streams.fetch(from: "c", of: "S", limit: 3)
            #expect(first.map(\.message.payload) == [[0], [1], [2]] && first.allSatisfy { $0.deliveries == 1 })
            let rest = try await streams.fetch(from: "c", of: "S", limit: 9)
            #expect(rest.map(\.message.payload) == [[3], [4]] && rest.last?.pending == 0)
            #expect(try await streams.fetch(from: "c", of: "S", limit: 9).isEmpty)
            // Done, wanted again at once, and wanted again later.
            try await streams.acknowledge(first[0])
            try await streams.giveBack(first[1])
            try await streams.giveBack(first[2], after: .milliseconds(300))
            for payload: [UInt8] in [[1], [2]] {
                let again = try await next(streams)
                #expect(again.message.payload == payload && again.deliveries == 2)
            }
        }
    }

    @Test func whatIsNotReportedIsGivenToAnother() async throws {
        try await withStreams { streams, _ in
            try await streams.ensureStream(StreamConfiguration(name: "S", subjects: ["s.>"]))
            try await streams.ensureConsumer(.shared("c", ackWait: .seconds(2)), of: "S")
            for number: UInt8 in 0..<2 { _ = try await streams.publish("s.a", payload: [number]) }
            let kept = try #require(try await streams.fetch(from: "c", of: "S", limit: 2).first)
            let keeper = Task {
                while !Task.isCancelled {
                    try await streams.keep(kept)
                    // Cut short by cancellation only, which the loop sees.
                    try? await Task.sleep(for: .milliseconds(100))
                }
            }
            let forgotten = try await next(streams)
            #expect(forgotten.message.payload == [1])
            try await streams.acknowledge(forgotten)
            keeper.cancel()
            _ = await keeper.result
            #expect(try await next(streams).message.payload == [0])
        }
    }

    @Test func aReaderOfOurOwnReadsEverything() async throws {
        try await withStreams { streams, _ in
            try await streams.ensureStream(StreamConfiguration(name: "S", subjects: ["s.>"]))
            for number: UInt8 in 0..<5 {
                _ = try await streams.publish("s.a", headers: ["N": "\(number)"], payload: [number])
            }
            let reader = try await streams.makeConsumer(.reader(from: 3, headersOnly: true), of: "S")
            #expect(reader.pending == 3)
            let messages = try await streams.fetch(from: reader.name, of: "S", limit: 9)
            #expect(messages.map(\.sequence) == [3, 4, 5] && messages.allSatisfy { $0.message.payload.isEmpty })
            #expect(messages.first?.message.headers["N"] == "2")
        }
    }
}
