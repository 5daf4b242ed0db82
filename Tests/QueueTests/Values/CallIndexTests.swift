import OpenFaaSAPI
import TestSupport
import Testing

@testable import Queue

struct CallIndexTests {
    private func stored(_ id: String, sequence: UInt64, _ change: (inout StoredCall) -> Void = { _ in }) -> StoredCall {
        var call = StoredCall(Calls.make(id, body: "12345"), fields: "")
        call.sequence = sequence
        change(&call)
        return call
    }

    private enum Event {
        case message(StoredCall)
        case record(StoredCall, UInt64)
    }

    private func index(_ events: [Event]) throws -> CallIndex {
        var index = CallIndex()
        for event in events {
            switch event {
            case .message(let call): _ = try index.put(message: call)
            case .record(let call, let number): _ = try index.put(call, record: number)
            }
        }
        return index
    }

    /// The two streams are read side by side, and what a node wrote itself it reads once more.
    @Test func theOrderOfWhatIsReadDoesNotMatter() throws {
        let events: [Event] = [
            .message(stored("runs", sequence: 1)),
            .record(stored("runs", sequence: 1) { $0.state = .running }, 1),
            .message(stored("again", sequence: 2)),
            .record(stored("again", sequence: 2) { $0.state = .running }, 2),
            .record(
                stored("again", sequence: 2) {
                    $0.state = .dead
                    $0.retiredAt = 5
                }, 4),
            // It was made to wait again.
            .message(stored("again", sequence: 3)),
            .record(
                stored("told", sequence: 4) {
                    $0.state = .succeeded
                    $0.callback = .pending
                    $0.bytes = 0
                    $0.answerBytes = 7
                }, 5),
            .message(stored("waits", sequence: 5)),
        ]
        let sound = try index(events)
        #expect(sound["again"]?.call.state == .waiting && sound["again"]?.record == 4)
        #expect(sound.counts.live == 4 && sound.counts.dead == 0 && sound.counts.callbacks == 1)
        let backlog = try #require(sound.counts.backlogs.first)
        #expect(backlog.value.waiting == 2 && backlog.value.running == 1)
        var generator = try SeededGenerator()
        for _ in 0..<200 {
            let mixed = try index((events + events).shuffled(using: &generator))
            #expect(mixed.counts == sound.counts, "seed \(generator.seed)")
            #expect(mixed.entries.mapValues(\.call) == sound.entries.mapValues(\.call), "seed \(generator.seed)")
            #expect(mixed.entries.mapValues(\.record) == sound.entries.mapValues(\.record), "seed \(generator.seed)")
        }
    }

    @Test func whatIsForgottenIsNotCounted() throws {
        var index = try index([
            .message(stored("one", sequence: 1) { $0.key = "k" }),
            .record(stored("two", sequence: 2) { $0.dueAt = 9 }, 3),
        ])
        #expect(index.id(ofKey: "k", function: Calls.function) == "one")
        let backlog = Backlog(queue: "faas-request", function: Calls.function)
        #expect(index.nextDue(backlog, now: 4) == 4)
        index.remove("one")
        #expect(index.nextDue(backlog, now: 4) == 9)
        index.remove("two")
        #expect(index.nextDue(backlog, now: 4) == nil && index.id(ofKey: "k", function: Calls.function) == nil)
        #expect(index.counts.live == 0 && index.counts.bytes == 0)
    }

    @Test func whatCannotBeACallIsRefused() throws {
        let sound = stored("one", sequence: 1)
        #expect(try StoredCall(json: sound.json.utf8) == sound)
        let changes: [@Sendable (inout StoredCall) -> Void] = [
            { $0.fieldBytes = -1 }, { $0.bytes = .max }, { $0.answerBytes = .min }, { $0.attempts = -1 },
            { $0.dueAt = .min }, { $0.retiredAt = .max }, { $0.status = 1000 }, { $0.sequence = .max },
            { $0.queue = "a b" }, { $0.id = "" }, { $0.function = "-" },
        ]
        for (place, change) in changes.enumerated() {
            let bad = stored("one", sequence: 1, change)
            #expect(throws: QueueError.self, "\(place)") { _ = try StoredCall(json: try bad.json.utf8) }
        }
        #expect(throws: QueueError.self) { _ = try StoredCall(json: "{}".utf8) }
    }

    @Test func namesOfConsumersDiffer() {
        let names = [("a.b", "f"), ("a=b", "f"), ("a", "b-f"), ("a-b", "f"), ("a_b", "f")].map { queue, function in
            JetStreamNames.consumer(Backlog(queue: queue, function: Calls.name(function)))
        }
        // The second is no name that a queue can have.
        #expect(Set(names).count == 4 && names[0] == "a=b;openfaas-fn;f")
        #expect(
            JetStreamNames.call(Backlog(queue: "a.b", function: Calls.name("f"))) == "faasd.call.a=b.openfaas-fn.f")
    }
}
