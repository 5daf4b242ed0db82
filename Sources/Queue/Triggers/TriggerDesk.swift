import Foundation
public import Logging
import OpenFaaSAPI
import Synchronization

/// Where events become calls: knows which functions have which topics, and what came of them.
public final class TriggerDesk: Sendable {
    private struct Key: Hashable {
        let function: FunctionName
        let topic: String
    }

    private struct State {
        /// `nil` until it is known which functions there are.
        var subscriptions: [TriggerSubscription]?
        var lines: [Key: TriggerLine] = [:]
        var listeners: [Int: AsyncStream<Void>.Continuation] = [:]
        var lastListener = 0
    }

    private let queue: CallQueue
    private let sources: [any EventSource]
    private let logger: Logger
    private let state = Mutex(State())

    /// Makes a desk.
    ///
    /// - Parameters:
    ///   - queue: takes the calls.
    ///   - sources: where events come from.
    ///   - logger: takes what an operator should know.
    public init(queue: CallQueue, sources: [any EventSource], logger: Logger) {
        self.queue = queue
        self.sources = sources
        self.logger = logger
    }

    /// The time by which calls are kept, in milliseconds since 1970.
    public var now: Int64 { queue.now }

    /// Runs all sources until its task is cancelled.
    public func run() async {
        await withDiscardingTaskGroup { group in
            for source in sources { group.addTask { await source.run(self) } }
        }
    }

    /// These are all functions that have topics.
    public func adopt(_ subscriptions: [TriggerSubscription]) {
        let ordered = subscriptions.sorted { "\($0.function)" < "\($1.function)" }
        let listeners: [AsyncStream<Void>.Continuation] = state.withLock { state in
            guard state.subscriptions != ordered else { return [] }
            state.subscriptions = ordered
            let lines = ordered.flatMap { subscription in
                subscription.topics.map { line($0, of: subscription, known: state.lines) }
            }
            state.lines = Dictionary(uniqueKeysWithValues: lines)
            return Array(state.listeners.values)
        }
        for listener in listeners { listener.yield() }
    }

    private func line(
        _ topic: String, of subscription: TriggerSubscription, known: [Key: TriggerLine]
    ) -> (Key, TriggerLine) {
        let key = Key(function: subscription.function, topic: topic)
        let cron = topic == CronSettings.topic ? subscription.settings.cron : nil
        var line = TriggerLine(
            function: subscription.function, topic: topic,
            source: sources.first { $0.serves(topic) }?.name, cron: cron)
        if let earlier = known[key] {
            line.counts = earlier.counts
            line.lastRun = earlier.lastRun
            line.lastCall = earlier.lastCall
            line.lastError = earlier.lastError
            line.nextRun = earlier.nextRun
        }
        return (key, line)
    }

    /// The functions that have topics; none until ``changes()`` has told once.
    var subscriptions: [TriggerSubscription] { state.withLock { $0.subscriptions ?? [] } }

    /// Tells when it is known which functions there are, and whenever they or their topics have changed.
    func changes() -> AsyncStream<Void> {
        AsyncStream(bufferingPolicy: .bufferingNewest(1)) { continuation in
            let (number, isKnown) = state.withLock { state in
                state.lastListener += 1
                state.listeners[state.lastListener] = continuation
                return (state.lastListener, state.subscriptions != nil)
            }
            continuation.onTermination = { [weak self] _ in self?.forget(listener: number) }
            if isKnown { continuation.yield() }
        }
    }

    private func forget(listener: Int) {
        state.withLock { $0.listeners[listener] = nil }
    }

    /// Every topic of every function, and functions whose topics cannot be read.
    public var lines: [TriggerLine] {
        state.withLock { state in
            (state.subscriptions ?? []).flatMap { subscription in
                var lines = subscription.topics.compactMap { topic in
                    state.lines[Key(function: subscription.function, topic: topic)]
                }
                if let problem = subscription.problem {
                    var line = TriggerLine(
                        function: subscription.function, topic: CronSettings.topic, source: nil, cron: nil)
                    line.lastError = problem
                    lines.append(line)
                }
                return lines
            }
        }
    }

    /// Changes what is known of a topic of a function that is still there.
    func note(_ function: FunctionName, _ topic: String, _ change: (inout TriggerLine) -> Void) {
        state.withLock { state in
            guard var line = state.lines[Key(function: function, topic: topic)] else { return }
            change(&line)
            state.lines[Key(function: function, topic: topic)] = line
        }
    }

    /// What became of a call.
    func call(_ id: String) async throws -> CallRecord? { try await queue.call(id) }
}

extension TriggerDesk {
    /// Makes calls of an event, one for each function that has its topic, and returns when they are kept.
    ///
    /// - Returns: the calls; none when no function has the topic.
    /// - Throws: ``QueueError`` when one of them is not kept. Then the event may be delivered again: where it has a key,
    ///   the calls that were kept are not made twice.
    @discardableResult
    public func deliver(_ event: TriggerEvent) async throws -> [DeliveredCall] {
        var calls: [DeliveredCall] = []
        var failure: (any Error)?
        for subscription in subscriptions where subscription.topics.contains(event.topic) {
            guard event.function == nil || event.function == subscription.function else { continue }
            do {
                calls.append(try await deliver(event, to: subscription))
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return calls
    }

    private func deliver(
        _ event: TriggerEvent, to subscription: TriggerSubscription
    ) async throws -> DeliveredCall {
        let source = sources.first { $0.serves(event.topic) }
        let function = subscription.function
        var headers = [HeaderField("X-Topic", event.subject), HeaderField("Content-Type", event.contentType)]
        if let source { headers.append(HeaderField("X-Connector", source.connector)) }
        do {
            let appended = try await queue.submit(
                QueuedCall(
                    id: UUID().uuidString.lowercased(), function: function, spelling: "\(function)",
                    queue: subscription.queue,
                    request: CallRequest(
                        method: "POST", target: "", headers: headers + event.headers, body: event.body),
                    idempotencyKey: event.key, acceptedAt: now))
            note(function, event.topic) { line in
                if appended.isRepeated { line.counts.repeated += 1 } else { line.counts.delivered += 1 }
                line.lastRun = now
                line.lastCall = appended.id
                line.lastError = nil
            }
            return DeliveredCall(function: function, id: appended.id, isRepeated: appended.isRepeated)
        } catch {
            note(function, event.topic) { line in
                line.counts.failed += 1
                line.lastError = "\(error)"
            }
            logger.warning(
                "an event is not in the queue yet",
                metadata: ["function": "\(function)", "topic": "\(event.topic)", "error": "\(error)"])
            throw error
        }
    }
}
