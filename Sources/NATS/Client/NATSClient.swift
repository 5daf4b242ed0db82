public import Logging
import NIOCore
public import NIOPosix
import Synchronization

/// A connection to a NATS server that is made again whenever it breaks.
///
/// Requests under way fail when it breaks, with ``NATSError/Code/connectionLost``, and what is asked for in between fails
/// at once with ``NATSError/Code/notConnected``; subscriptions go on by themselves.
public final class NATSClient: Sendable {
    /// How often the client looks at the clock: for requests that are out of time, and for the next PING.
    private static let tickInterval = TimeAmount.milliseconds(100)

    private let state: Mutex<ClientState>
    /// Of the connection, once there is one.
    private let channel = Mutex<(any Channel)?>(nil)
    private let ticking = Mutex<RepeatedTask?>(nil)
    /// What was said last of why there is no connection, so that it is said once and not with every attempt.
    private let reported = Mutex<NATSError?>(nil)
    private let loop: any EventLoop
    private let configuration: NATSConfiguration
    private let logger: Logger

    /// Makes a client; nothing is connected before ``start()``.
    ///
    /// - Parameter group: the connection runs on one of its loops; the caller shuts it down after ``shutdown()``.
    public init(configuration: NATSConfiguration, group: MultiThreadedEventLoopGroup, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
        loop = group.next()
        // Nobody else may guess where answers go.
        let random = (0..<2).map { _ in String(UInt64.random(in: 0...UInt64.max), radix: 36) }.joined()
        state = Mutex(ClientState(configuration, inboxPrefix: "_INBOX.\(random)."))
    }

    /// Connects, and goes on trying until ``shutdown()``. Returns at once.
    public func start() {
        ticking.withLock { task in
            task =
                task
                ?? loop.scheduleRepeatedTask(initialDelay: Self.tickInterval, delay: Self.tickInterval) { _ in
                    self.perform(self.state.withLock { $0.tick(now: .now()) })
                }
        }
        connect()
    }

    /// Ends the connection, and everything that waits for it.
    public func shutdown() async {
        perform(state.withLock { $0.shutDown() })
        let task = ticking.withLock { task in
            defer { task = nil }
            return task
        }
        task?.cancel()
        let channel = channel.withLock { $0 }
        try? await channel?.closeFuture.get()
        // What the loop was asked to do before has been done when it answers.
        try? await loop.submit {}.get()
    }

    /// Whether there is a connection now.
    public var isConnected: Bool { state.withLock { $0.info != nil } }

    /// The longest message that the server takes, fields included, in bytes; `nil` without a connection.
    public var maximumPayload: Int? { state.withLock { $0.info?.maxPayload } }

    /// How often a connection was made.
    public var connections: Int { state.withLock { $0.connections } }

    /// Waits for a connection.
    ///
    /// - Throws: ``NATSError`` with code `notConnected` when there is none in time; the message says why.
    public func waitUntilConnected(within limit: Duration) async throws {
        let deadline = NIODeadline.now() + .init(limit)
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            decide(continuation) { try $0.waitForConnection(continuation, deadline: deadline) }
        }
    }

    /// Sends a message; it is on its way when this returns, no more. Waits while too much is unsent.
    ///
    /// - Throws: ``NATSError`` with code `notConnected`, `badName` or `tooLarge`.
    public func publish(
        _ subject: String, headers: NATSHeaders = [:], payload: [UInt8] = [], reply: String? = nil
    ) async throws {
        let message = try Publication(subject, reply: reply, headers: headers, payload: payload)
        try await waitForRoom()
        try state.withLock { try $0.publish(message) }
        flushSoon()
    }

    /// Sends a message and waits for one answer. It does not end early with its task: what was asked for may have been
    /// done.
    ///
    /// - Throws: ``NATSError``, with code `noResponders` when nobody listens.
    public func request(
        _ subject: String, headers: NATSHeaders = [:], payload: [UInt8] = [], timeout: Duration = .seconds(5)
    ) async throws -> NATSMessage {
        let message = try Publication(subject, reply: nil, headers: headers, payload: payload)
        try await waitForRoom()
        let deadline = NIODeadline.now() + .init(timeout)
        return try await withCheckedThrowingContinuation { continuation in
            do {
                try state.withLock { try $0.request(message, continuation, deadline: deadline) }
                flushSoon()
            } catch {
                continuation.resume(throwing: error)
            }
        }
    }

    /// Sends a message and reads answers until the body returns.
    ///
    /// - Parameter body: is given what reads the next answer. That throws ``NATSError`` when the connection breaks, and
    ///   gives `nil` when the task is cancelled.
    func requestMany<Value>(
        _ subject: String, payload: [UInt8], limits: NATSBufferLimits, timeout: Duration,
        _ body: (() async throws -> NATSMessage?) async throws -> Value
    ) async throws -> Value {
        let message = try Publication(subject, reply: nil, headers: [:], payload: payload)
        let mailbox = Mailbox(limits)
        let deadline = NIODeadline.now() + .init(timeout)
        let number = try state.withLock { try $0.request(message, mailbox, deadline: deadline) }
        flushSoon()
        defer {
            state.withLock { $0.forget(number) }
            flushSoon()
        }
        return try await body { try await mailbox.next() }
    }

    /// Subscribes to a subject, which may have wildcards; with a queue group, each message goes to one of the group. May be
    /// called before there is a connection.
    ///
    /// - Throws: ``NATSError`` with code `badName` or `shutDown`.
    public func subscribe(
        subject: String, queue: String? = nil, limits: NATSBufferLimits = NATSBufferLimits()
    ) throws -> NATSSubscription {
        guard Subject.isPattern(subject) else {
            throw NATSError(.badName, "\"\(subject.prefix(80))\" is not a subject that can be subscribed to")
        }
        guard queue.map({ Subject.isLiteral($0) }) ?? true else {
            throw NATSError(.badName, "\"\(queue?.prefix(80) ?? "")\" is not the name of a queue group")
        }
        let mailbox = Mailbox(limits)
        let number = try state.withLock { try $0.subscribe(subject, queue: queue, mailbox) }
        flushSoon()
        return NATSSubscription(client: self, number: number, mailbox: mailbox)
    }

    func unsubscribe(_ number: Int) {
        state.withLock { $0.unsubscribe(number) }
        flushSoon()
    }

    /// Waits until the server has taken everything that was sent before.
    ///
    /// - Throws: ``NATSError``.
    public func flush() async throws {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            decide(continuation) { state throws(NATSError) in
                try state.flush(continuation, now: .now())
                return true
            }
        }
    }

    private func waitForRoom() async throws {
        while !state.withLock({ $0.hasRoom }) {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                decide(continuation) { try $0.waitForRoom(continuation) }
            }
        }
    }

    /// Lets the state keep a continuation, or resumes it where there is nothing to wait for.
    private func decide(
        _ continuation: CheckedContinuation<Void, any Error>, _ body: (inout ClientState) throws -> Bool
    ) {
        do {
            if try state.withLock({ try body(&$0) }) { flushSoon() } else { continuation.resume() }
        } catch {
            continuation.resume(throwing: error)
        }
    }

    // MARK: Acting

    private func connect() {
        guard state.withLock({ $0.begin(now: .now()) }) else { return }
        ClientBootstrap(group: loop)
            .connectTimeout(.init(configuration.connectTimeout))
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            // Nothing may come before there is somebody who reads it.
            .channelOption(.autoRead, value: false)
            .connect(host: configuration.server.host, port: configuration.server.port)
            .flatMap { channel in channel.eventLoop.flatSubmit { self.begin(on: channel) } }
            .whenComplete { result in
                switch result {
                case .success:
                    // It may have been shut down meanwhile.
                    if self.state.withLock({ $0.isShutDown }) { self.perform([.close]) }
                case .failure(let error):
                    self.closed(NATSError(.notConnected, "\(error)"))
                }
            }
    }

    private func begin(on channel: any Channel) -> EventLoopFuture<Void> {
        self.channel.withLock { $0 = channel }
        do {
            try channel.pipeline.syncOperations.addHandler(ConnectionHandler(client: self))
        } catch {
            return channel.eventLoop.makeFailedFuture(error)
        }
        // Of a channel that was closed meanwhile the handler tells.
        return channel.setOption(.autoRead, value: true).recover { _ in }
    }

    func received(_ frame: ServerFrame) {
        perform(state.withLock { $0.received(frame, now: .now()) })
    }

    func closed(_ error: NATSError?) {
        channel.withLock { $0 = nil }
        let (effects, reason) = state.withLock { state in
            (state.closed(error, random: .random(in: 0...1)), state.isShutDown ? nil : state.lastError)
        }
        if let reason {
            let isNew = reported.withLock { reported in
                defer { reported = reason }
                return reported?.code != reason.code
            }
            logger.log(
                level: isNew ? .warning : .debug, "there is no connection to NATS",
                metadata: ["server": "\(configuration.server)", "reason": "\(reason)"])
        }
        perform(effects)
    }

    private func perform(_ effects: [ClientState.Effect]) {
        for effect in effects {
            switch effect {
            case .deliver(let message, let mailbox): mailbox.deliver(message)
            case .answer(let continuation, let result): continuation.resume(with: result)
            case .resume(let continuations, let error):
                for continuation in continuations {
                    if let error { continuation.resume(throwing: error) } else { continuation.resume() }
                }
            case .finish(let mailboxes, let error): for mailbox in mailboxes { mailbox.finish(error) }
            case .flush: flushSoon()
            case .close: channel.withLock { $0 }?.close(promise: nil)
            case .connected:
                reported.withLock { $0 = nil }
                logger.info("connected to NATS", metadata: ["server": "\(configuration.server)"])
            case .report(let text): logger.warning("NATS refuses something", metadata: ["reason": "\(text)"])
            case .reconnect(let wait): loop.scheduleTask(in: .init(wait)) { self.connect() }
            }
        }
    }

    /// The loop alone takes what is to be sent, so it goes out in order; several messages go out together.
    private func flushSoon() {
        loop.execute { self.flushNow() }
    }

    private func flushNow() {
        guard let channel = channel.withLock({ $0 }), channel.isActive,
            let bytes = state.withLock({ $0.takeOutgoing() })
        else { return }
        channel.writeAndFlush(bytes).whenComplete { result in
            guard case .success = result else { return }
            self.perform(self.state.withLock { $0.sent() })
            self.flushNow()
        }
    }
}
