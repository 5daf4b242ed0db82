import Foundation
public import Logging
public import NATS
import OpenFaaSAPI

/// Subjects of a NATS server: topics that are neither the clock's nor a folder's.
///
/// Daemons with the same functions share the messages among them, by a queue group. What is sent while none is connected
/// is missed: so it is with NATS where no stream keeps messages.
public struct NATSSource: EventSource {
    /// By this field publishers name a message so that it counts once (docs "JetStream", message deduplication).
    private static let messageID = "Nats-Msg-Id"
    /// The longest such name that is gone by, in bytes.
    private static let idLimit = 255
    /// How many messages of a subject are put into the queue at once.
    private static let parallel = 32
    private static let shortestRetry: Int64 = 1000
    private static let longestRetry: Int64 = 30_000

    /// Names it in metrics and in the list of triggers.
    public let name = "nats"
    /// What functions are told of it.
    public let connector = "nats-connector"

    private let client: NATSClient
    private let maximumBytes: Int
    private let clock: QueueClock
    private let logger: Logger

    /// Makes a source.
    ///
    /// - Parameters:
    ///   - client: is started and shut down by the source.
    ///   - maximumBytes: the longest message that is delivered.
    ///   - clock: the time.
    ///   - logger: takes what an operator should know.
    public init(client: NATSClient, maximumBytes: Int, clock: QueueClock = .system, logger: Logger) {
        self.client = client
        self.maximumBytes = maximumBytes
        self.clock = clock
        self.logger = logger
    }

    /// Whether the topic can be a subject: tokens with dots between, `*` for one of them, `>` for the rest.
    public func serves(_ topic: String) -> Bool {
        guard topic != CronSettings.topic, !DropTopic.isMeant(topic) else { return false }
        let tokens = topic.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return tokens.enumerated().allSatisfy { index, token in
            guard !token.isEmpty, token.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else { return false }
            let isWild = token.contains(UInt8(ascii: "*")) || token.contains(UInt8(ascii: ">"))
            let isRest = token.elementsEqual([UInt8(ascii: ">")])
            return !isWild || (token.count == 1 && (!isRest || index == tokens.count - 1))
        }
    }

    /// Makes calls of messages until its task is cancelled.
    public func run(_ desk: TriggerDesk) async {
        await withDiscardingTaskGroup { group in
            var subscriptions: [String: NATSSubscription] = [:]
            var isStarted = false
            for await _ in desk.changes() {
                let topics = Set(desk.subscriptions.flatMap(\.settings.topics).filter(serves))
                for (topic, subscription) in subscriptions where !topics.contains(topic) {
                    // Its reader ends with it.
                    subscription.unsubscribe()
                    subscriptions[topic] = nil
                }
                for topic in topics.sorted() where subscriptions[topic] == nil {
                    do {
                        let subscription = try client.subscribe(subject: topic, queue: Self.queueGroup(topic))
                        subscriptions[topic] = subscription
                        group.addTask { await read(subscription, of: topic, desk) }
                    } catch {
                        report("\(error)", of: topic, desk)
                    }
                }
                // What is subscribed to before is so with the connection.
                if !isStarted { client.start() }
                isStarted = true
            }
            group.cancelAll()
        }
        await client.shutdown()
    }

    /// Daemons that share the messages of a topic have the same. Each topic has its own: of those that overlap a group
    /// would get a message but once, and the functions of the other topic would not get it at all.
    private static func queueGroup(_ topic: String) -> String { "faasd." + natsToken(topic) }

    private func read(_ subscription: NATSSubscription, of topic: String, _ desk: TriggerDesk) async {
        await withTaskGroup(of: Void.self) { group in
            var underWay = 0
            var dropped: UInt64 = 0
            do {
                for try await message in subscription {
                    if underWay == Self.parallel {
                        await group.next()
                        underWay -= 1
                    }
                    underWay += 1
                    group.addTask { await deliver(message, of: topic, desk) }
                    let lost = subscription.dropped
                    if lost > dropped {
                        report("\(lost - dropped) messages came too fast and are lost", of: topic, desk)
                    }
                    dropped = lost
                }
            } catch {
                report("\(error)", of: topic, desk)
            }
        }
    }

    /// Tries until the message is in the queue; NATS does not send it again.
    private func deliver(_ message: NATSMessage, of topic: String, _ desk: TriggerDesk) async {
        guard message.payload.count <= maximumBytes else {
            return report(
                "a message of \(message.payload.count) bytes is longer than async-max-body-bytes, \(maximumBytes)",
                of: topic, desk)
        }
        let event = event(message, of: topic)
        var pause = Self.shortestRetry
        while !Task.isCancelled {
            // The desk has told of what fails here.
            if (try? await desk.deliver(event)) != nil { return }
            await clock.sleep(clock.now() + pause)
            pause = min(pause * 2, Self.longestRetry)
        }
    }

    private func event(_ message: NATSMessage, of topic: String) -> TriggerEvent {
        var key: String?
        if let id = message.headers[Self.messageID], Self.isVisible(id) { key = "nats \(message.subject) \(id)" }
        var event = TriggerEvent(
            topic: topic, key: key, body: Data(message.payload),
            contentType: message.headers["Content-Type"].flatMap { Self.isVisible($0) ? $0 : nil }
                ?? CronSettings.plainText)
        event.subject = message.subject
        return event
    }

    /// Whether a publisher's text can be a field of a call.
    private static func isVisible(_ text: String) -> Bool {
        (1...idLimit).contains(text.utf8.count) && text.utf8.allSatisfy { (0x20...0x7E).contains($0) }
    }

    private func report(_ problem: String, of topic: String, _ desk: TriggerDesk) {
        logger.warning("a message is no call", metadata: ["topic": "\(topic)", "error": "\(problem)"])
        for subscription in desk.subscriptions where subscription.settings.topics.contains(topic) {
            desk.note(subscription.function, topic) { line in
                line.counts.failed += 1
                line.lastError = problem
            }
        }
    }
}
