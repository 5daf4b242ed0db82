import NIOCore

/// What a client knows, and what follows from what happens. It does nothing itself: whatever has to be done outside the
/// lock comes back as effects.
struct ClientState {
    enum Phase {
        case idle
        /// A connection is being made, or was, and the server has not let us in yet.
        case connecting(since: NIODeadline)
        case ready(ServerInfo)
        /// The last connection broke, or could not be made.
        case waiting
        case shutDown
    }

    enum Effect {
        case deliver(NATSMessage, Mailbox)
        case answer(CheckedContinuation<NATSMessage, any Error>, Result<NATSMessage, NATSError>)
        case resume([CheckedContinuation<Void, any Error>], NATSError?)
        case finish([Mailbox], NATSError)
        /// There are bytes to be sent.
        case flush
        /// The connection is of no more use.
        case close
        case reconnect(after: Duration)
        /// The server has let us in.
        case connected
        /// An operator should know.
        case report(String)
    }

    private struct Subscription {
        let subject: String
        let queue: String?
        let mailbox: Mailbox
    }

    /// Who waits for one answer.
    private struct Waiting {
        let continuation: CheckedContinuation<NATSMessage, any Error>
        let deadline: NIODeadline
    }

    /// Who reads several answers. What a stream sends bears its own subject, so a subscription tells whose it is.
    private struct Reader {
        let mailbox: Mailbox
        let deadline: NIODeadline
    }

    /// The subscription that all answers come by.
    static let inbox = 1

    let configuration: NATSConfiguration
    let inboxPrefix: String
    private(set) var phase = Phase.idle
    /// Why there is no connection.
    private(set) var lastError: NATSError?
    /// Why the connection is about to be closed.
    private var parting: NATSError?
    /// What the server said of itself before it let us in.
    private var greeting: ServerInfo?
    private var backoff: Backoff
    private var subscriptions: [Int: Subscription] = [:]
    private var lastSubscription = Self.inbox
    private var waiting: [Int: Waiting] = [:]
    /// By their subscriptions.
    private var readers: [Int: Reader] = [:]
    private var lastRequest = 0
    private var outgoing = ByteBuffer()
    /// Bytes that the channel was given and that are not sent yet.
    private var sending = 0
    private var writers: [CheckedContinuation<Void, any Error>] = []
    /// Who waits for answers to our PINGs, in order; `nil` is ourselves.
    private var pings: [CheckedContinuation<Void, any Error>?] = []
    private var lastPing = NIODeadline.uptimeNanoseconds(0)
    /// Who waits for a connection.
    private var arrivals: [Int: (continuation: CheckedContinuation<Void, any Error>, deadline: NIODeadline)] = [:]
    private(set) var connections = 0

    init(_ configuration: NATSConfiguration, inboxPrefix: String) {
        self.configuration = configuration
        self.inboxPrefix = inboxPrefix
        backoff = Backoff(minimum: configuration.minimumWait, maximum: configuration.maximumWait)
    }

    var isShutDown: Bool { if case .shutDown = phase { true } else { false } }

    var info: ServerInfo? { if case .ready(let info) = phase { info } else { nil } }

    /// Whether more may be sent without waiting.
    var hasRoom: Bool { outgoing.readableBytes + sending < configuration.unsentBytes }

    var notConnected: NATSError {
        if isShutDown { return NATSError(.shutDown, "the NATS client was shut down") }
        let reason = lastError.map { ": \($0.message)" } ?? ""
        return NATSError(.notConnected, "there is no connection to \(configuration.server)\(reason)")
    }

    // MARK: The connection

    /// - Returns: whether a connection is to be made.
    mutating func begin(now: NIODeadline) -> Bool {
        switch phase {
        case .idle, .waiting:
            phase = .connecting(since: now)
            return true
        case .connecting, .ready, .shutDown:
            return false
        }
    }

    mutating func received(_ frame: ServerFrame, now: NIODeadline) -> [Effect] {
        switch frame {
        case .info(let info): return greeted(info, now: now)
        case .ping:
            Command.pong(into: &outgoing)
            return [.flush]
        case .pong: return ponged()
        case .ok: return []
        case .error(let text):
            // The server closes after its errors but this one, which is of one subject only.
            guard !text.lowercased().hasPrefix("permissions violation") else { return [.report(text)] }
            return part(NATSError(.refused, "the NATS server says: \(text)"))
        case .message(let message, let number):
            return delivered(message, number)
        }
    }

    private mutating func greeted(_ info: ServerInfo, now: NIODeadline) -> [Effect] {
        switch phase {
        case .connecting where greeting == nil:
            if info.tlsRequired == true {
                return part(
                    NATSError(
                        .refused, "the NATS server asks for TLS, which is not supported; use a tunnel or a leaf node"))
            }
            guard info.headers == true else {
                return part(
                    NATSError(.refused, "the NATS server \(info.version) has no headers; 2.2 or later has"))
            }
            greeting = info
            do {
                try Command.connect(configuration, into: &outgoing)
            } catch {
                return part(NATSError(.badURL, "the credentials cannot be written as JSON"))
            }
            // The answer to it says that we are let in.
            ping(nil, now: now)
            return [.flush]
        case .connecting:
            greeting = info
            return []
        case .ready:
            phase = .ready(info)
            return []
        case .idle, .waiting, .shutDown:
            return []
        }
    }

    /// Closes the connection, and remembers why.
    private mutating func part(_ reason: NATSError) -> [Effect] {
        parting = parting ?? reason
        return [.close]
    }

    private mutating func ponged() -> [Effect] {
        guard !pings.isEmpty else { return [.close] }
        let asked = pings.removeFirst()
        if let asked { return [.resume([asked], nil)] }
        guard case .connecting = phase, let info = greeting else { return [] }
        phase = .ready(info)
        lastError = nil
        backoff.succeeded()
        connections += 1
        Command.subscribe(inboxPrefix + "*", queue: nil, Self.inbox, into: &outgoing)
        for (number, subscription) in subscriptions.sorted(by: { $0.key < $1.key }) {
            Command.subscribe(subscription.subject, queue: subscription.queue, number, into: &outgoing)
        }
        let arrived = arrivals.values.map(\.continuation)
        arrivals = [:]
        return [.connected, .resume(arrived, nil), .flush]
    }

    private mutating func ping(_ asked: CheckedContinuation<Void, any Error>?, now: NIODeadline) {
        Command.ping(into: &outgoing)
        pings.append(asked)
        lastPing = now
    }

    private mutating func delivered(_ message: NATSMessage, _ number: Int) -> [Effect] {
        if number != Self.inbox {
            let mailbox = subscriptions[number]?.mailbox ?? readers[number]?.mailbox
            return mailbox.map { [.deliver(message, $0)] } ?? []
        }
        // What comes after the time is over has nobody who waits for it.
        guard let token = Int(message.subject.dropFirst(inboxPrefix.count)),
            let continuation = waiting.removeValue(forKey: token)?.continuation
        else { return [] }
        if message.status == 503 {
            return [.answer(continuation, .failure(NATSError(.noResponders, "nobody answers to this subject")))]
        }
        return [.answer(continuation, .success(message))]
    }

    /// The connection is gone, or was never made.
    mutating func closed(_ error: NATSError?, random: Double) -> [Effect] {
        lastError = parting ?? error ?? NATSError(.connectionLost, "the NATS server closed the connection")
        parting = nil
        let lost = NATSError(
            .connectionLost, "the connection to \(configuration.server) broke: \(lastError?.message ?? "")")
        var effects = dropAll(isShutDown ? notConnected : lost)
        guard !isShutDown else { return effects }
        phase = .waiting
        effects.append(.reconnect(after: backoff.next(random: random)))
        return effects
    }

    /// Nobody gets an answer any more.
    private mutating func dropAll(_ error: NATSError) -> [Effect] {
        var effects: [Effect] = waiting.values.map { .answer($0.continuation, .failure(error)) }
        effects.append(.finish(readers.values.map(\.mailbox), error))
        effects.append(.resume(pings.compactMap(\.self) + writers, error))
        waiting = [:]
        readers = [:]
        pings = []
        writers = []
        greeting = nil
        outgoing = ByteBuffer()
        sending = 0
        return effects
    }

    mutating func shutDown() -> [Effect] {
        phase = .shutDown
        let error = notConnected
        let arriving = arrivals.values.map(\.continuation)
        arrivals = [:]
        let mailboxes = subscriptions.values.map(\.mailbox)
        subscriptions = [:]
        return dropAll(error) + [.resume(arriving, error), .finish(mailboxes, error), .close]
    }

    /// Time has passed.
    mutating func tick(now: NIODeadline) -> [Effect] {
        var effects: [Effect] = []
        let late = NATSError(.timedOut, "the NATS server did not answer in time")
        for (token, entry) in waiting where entry.deadline <= now {
            waiting[token] = nil
            effects.append(.answer(entry.continuation, .failure(late)))
        }
        effects.append(.finish(readers.values.filter { $0.deadline <= now }.map(\.mailbox), late))
        for (number, arrival) in arrivals where arrival.deadline <= now {
            arrivals[number] = nil
            effects.append(.resume([arrival.continuation], notConnected))
        }
        switch phase {
        case .connecting(let since) where since + .init(configuration.connectTimeout) * 2 <= now:
            effects += part(NATSError(.timedOut, "the NATS server did not greet in time"))
        case .ready where pings.count >= configuration.unansweredPings && isPingDue(now):
            effects += part(NATSError(.timedOut, "the NATS server did not answer \(pings.count) times"))
        case .ready where isPingDue(now):
            ping(nil, now: now)
            effects.append(.flush)
        case .idle, .connecting, .ready, .waiting, .shutDown: break
        }
        return effects
    }

    private func isPingDue(_ now: NIODeadline) -> Bool { lastPing + .init(configuration.pingInterval) <= now }

    // MARK: What we want

    /// - Returns: whether the message is on its way.
    /// - Throws: ``NATSError``.
    private func check(_ message: Publication) throws(NATSError) {
        guard let info else { throw notConnected }
        guard message.byteCount <= info.maxPayload else {
            throw NATSError(
                .tooLarge,
                "a message of \(message.byteCount) bytes is longer than the NATS server's max_payload, \(info.maxPayload)"
            )
        }
    }

    mutating func publish(_ message: Publication) throws(NATSError) {
        try check(message)
        Command.publish(message, into: &outgoing)
    }

    mutating func request(
        _ message: Publication, _ continuation: CheckedContinuation<NATSMessage, any Error>, deadline: NIODeadline
    ) throws(NATSError) {
        try checkRequest(message)
        var message = message
        lastRequest += 1
        message.reply = inboxPrefix + String(lastRequest)
        waiting[lastRequest] = Waiting(continuation: continuation, deadline: deadline)
        Command.publish(message, into: &outgoing)
    }

    /// - Returns: what ``forget(_:)`` is to be told.
    mutating func request(_ message: Publication, _ mailbox: Mailbox, deadline: NIODeadline) throws(NATSError) -> Int {
        try checkRequest(message)
        var message = message
        lastSubscription += 1
        // One token more than the inbox of single answers, which must not get these.
        let inbox = inboxPrefix + "many." + String(lastSubscription)
        message.reply = inbox
        readers[lastSubscription] = Reader(mailbox: mailbox, deadline: deadline)
        Command.subscribe(inbox, queue: nil, lastSubscription, into: &outgoing)
        Command.publish(message, into: &outgoing)
        return lastSubscription
    }

    private func checkRequest(_ message: Publication) throws(NATSError) {
        try check(message)
        guard waiting.count + readers.count < configuration.requests else {
            throw NATSError(.overloaded, "\(waiting.count) requests wait for the NATS server already")
        }
    }

    /// No more answers are wanted.
    mutating func forget(_ reader: Int) {
        guard readers.removeValue(forKey: reader) != nil, info != nil else { return }
        Command.unsubscribe(reader, into: &outgoing)
    }

    mutating func subscribe(_ subject: String, queue: String?, _ mailbox: Mailbox) throws(NATSError) -> Int {
        guard !isShutDown else { throw notConnected }
        lastSubscription += 1
        subscriptions[lastSubscription] = Subscription(subject: subject, queue: queue, mailbox: mailbox)
        if info != nil { Command.subscribe(subject, queue: queue, lastSubscription, into: &outgoing) }
        return lastSubscription
    }

    mutating func unsubscribe(_ number: Int) {
        guard subscriptions.removeValue(forKey: number) != nil, info != nil else { return }
        Command.unsubscribe(number, into: &outgoing)
    }

    mutating func flush(_ continuation: CheckedContinuation<Void, any Error>, now: NIODeadline) throws(NATSError) {
        guard info != nil else { throw notConnected }
        ping(continuation, now: now)
    }

    /// - Returns: whether to wait at all.
    mutating func waitForRoom(_ continuation: CheckedContinuation<Void, any Error>) throws(NATSError) -> Bool {
        guard info != nil else { throw notConnected }
        guard !hasRoom else { return false }
        writers.append(continuation)
        return true
    }

    /// - Returns: whether to wait at all.
    mutating func waitForConnection(
        _ continuation: CheckedContinuation<Void, any Error>, deadline: NIODeadline
    ) throws(NATSError) -> Bool {
        guard !isShutDown else { throw notConnected }
        guard info == nil else { return false }
        lastRequest += 1
        arrivals[lastRequest] = (continuation, deadline)
        return true
    }

    // MARK: Sending

    /// What is to be sent now; one piece is under way at a time, so that what comes meanwhile goes out together.
    mutating func takeOutgoing() -> ByteBuffer? {
        guard sending == 0, outgoing.readableBytes > 0 else { return nil }
        defer { outgoing = ByteBuffer() }
        sending = outgoing.readableBytes
        return outgoing
    }

    mutating func sent() -> [Effect] {
        sending = 0
        guard hasRoom, !writers.isEmpty else { return [] }
        defer { writers = [] }
        return [.resume(writers, nil)]
    }
}
