import NIOCore
import OpenFaaSAPI

/// One call of a function: stands between the client's connection and the replica's, from the request's head to the last
/// byte of the answer. Both connections, and so everything here, live on one event loop.
final class FunctionCall {
    enum Phase {
        /// In the waiting room.
        case waiting
        /// A connection is being opened. The client's head is still unread.
        case connecting
        /// The request is on its way; nothing of the answer was passed on.
        case sent(UpstreamConnection)
        /// The head of the answer was passed on.
        case answering(UpstreamConnection)
        /// Bytes go both ways until one side closes.
        case tunnel(UpstreamConnection)
        case ended
    }

    let client: ClientConnection
    let worker: Worker
    private(set) var route: LoopRoute
    let callID: CallID
    /// Nanoseconds since 1970.
    let startTime: UInt64
    let started: NIODeadline
    let method: RequestMethod
    let isHTTP11: Bool
    let keepsAlive: Bool
    let wantsTunnel: Bool
    /// Where the function's path and query are in the client's unread bytes, until the head is sent.
    let path: Range<Int>
    /// Whether the client waits for `100 Continue`.
    var awaitsContinue: Bool
    var requestBody: BodyFraming
    let hasBody: Bool

    var phase = Phase.connecting
    var answerBody = BodyFraming.untilClose
    var answerFraming = ClientFraming.none
    var answerStatus = 0
    /// Whether the client's connection and the replica's may be used after this call.
    var answerKeepsClient = false
    var answerKeepsUpstream = false

    /// Replicas that refused a connection.
    private var refused: [Int] = []
    private var wasRepeated = false
    /// Whether bytes of the body were sent that could not be sent again.
    private var isRepeatable = true

    init(client: ClientConnection, worker: Worker, route: LoopRoute, path: Range<Int>, now: NIODeadline) {
        let head = client.parser.head
        self.client = client
        self.worker = worker
        self.route = route
        self.path = path
        started = now
        startTime = worker.clock.now()
        callID = client.withUnread { head.givenCallID($0) } ?? worker.callIDs.next()
        method = head.method
        isHTTP11 = head.isHTTP11
        keepsAlive = head.keepsAlive
        wantsTunnel = head.upgradesToWebSocket
        requestBody = head.body
        hasBody = head.hasBody
        awaitsContinue = head.expectsContinue && head.isHTTP11 && head.hasBody
    }

    /// Whether the client may send on, given that all it sent before was used.
    var wantsClientBytes: Bool {
        switch phase {
        case .waiting, .connecting: false
        case .sent(let upstream), .answering(let upstream): requestBody.isEnded || upstream.isWritable
        case .tunnel(let upstream): upstream.isWritable
        case .ended: true
        }
    }

    // MARK: Finding a replica

    func begin() {
        route.cell.counter.begin()
        switch route.state {
        case .ready(let places): callReplica(among: places)
        case .stopped(let reason): fail(503, "\(reason)\n")
        case .waiting: wait()
        }
    }

    private func wait() {
        switch worker.room.admit(self, for: route.name) {
        case .full:
            fail(503, "too many calls are waiting for \(route.name); try again later\n", retryAfter: 1)
        case .waits(let isFirst):
            phase = .waiting
            client.deadline = .now() + worker.settings.waitingTimeout
            if isFirst { worker.waker.wake(route.name) }
        }
    }

    /// The waiting is over; the call was taken out of the waiting room.
    func released(by route: LoopRoute) {
        guard case .waiting = phase else { return }
        self.route = route
        phase = .connecting
        switch route.state {
        case .ready(let places): callReplica(among: places)
        case .stopped(let reason): fail(503, "\(reason)\n")
        case .waiting: wait()
        }
        client.process()
    }

    /// The function was removed while the call was waiting for it.
    func functionVanished() {
        guard case .waiting = phase else { return }
        fail(404, LocalAnswers.notFoundText(route.name.description))
        client.process()
    }

    private func callReplica(among places: [Int]) {
        guard refused.count < worker.settings.connectAttempts,
            let place = worker.pool.choose(among: places, except: refused, now: .now())
        else {
            fail(502, "Can't reach service for: \(route.name.name).\n")
            return
        }
        if let connection = worker.pool.begin(at: place, fresh: wasRepeated) {
            send(on: connection)
        } else {
            open(place, among: places)
        }
    }

    private func open(_ place: Int, among places: [Int], repeating request: RepeatedRequest? = nil) {
        guard let endpoint = worker.pool.endpoint(at: place) else {
            worker.pool.end(at: place)
            fail(502, "Can't reach service for: \(route.name.name).\n")
            return
        }
        phase = .connecting
        client.deadline = .distantFuture
        let connection = UpstreamConnection(worker: worker, place: place, endpoint: endpoint)
        connection.open(to: endpoint).assumeIsolated().whenComplete { [self] result in
            guard case .connecting = phase else {
                // The client went away meanwhile. The connection is as good as any.
                if case .success = result { connection.release(now: .now()) }
                leave(place)
                return
            }
            if case .success = result {
                if let request {
                    repeatRequest(request, on: connection)
                } else {
                    send(on: connection)
                }
            } else {
                worker.pool.avoid(place: place, until: .now() + LoopSettings.avoidTime)
                refused.append(place)
                leave(place)
                if let request {
                    repeatElsewhere(request)
                } else {
                    callReplica(among: places)
                }
            }
            client.process()
        }
    }

    /// The call no longer counts for a replica.
    private func leave(_ place: Int) {
        worker.pool.end(at: place)
        worker.finishDrains()
    }

    // MARK: The request

    private func send(on upstream: UpstreamConnection) {
        phase = .sent(upstream)
        upstream.begin(self)
        client.deadline = .now() + route.timeout
        let head = client.parser.head
        client.withUnread { bytes in
            RequestRewriter(
                head: head, bytes: bytes, path: path, host: upstream.host, peer: client.peer, callID: callID,
                startTime: startTime
            ).write(to: &upstream.request)
        }
        client.consume(head.length)
        if awaitsContinue {
            awaitsContinue = false
            client.writeContinue()
        }
        appendBody(to: upstream)
        upstream.writeAndFlush(upstream.request)
    }

    /// Sends the first bytes of the body with the head, where they are there already.
    private func appendBody(to upstream: UpstreamConnection) {
        guard !requestBody.isEnded, client.unreadCount > 0, client.unreadCount <= LoopSettings.inlineBytes else {
            return
        }
        do {
            while true {
                let run = try client.withUnread { try requestBody.takeRaw($0) }
                guard run != BodyFraming.Run() else { return }
                client.withUnread { _ = upstream.request.writeBytes($0.part(0..<run.pass)) }
                client.consume(run.pass + run.skip)
            }
        } catch {
            // The rest of the unread bytes will be looked at again, with the same result.
        }
    }

    /// Passes on what the client has sent of the body.
    ///
    /// - Returns: whether something was used, so that there may be more to do.
    func useClientBytes() -> Bool {
        switch phase {
        case .waiting, .connecting, .ended:
            return false
        case .sent(let upstream), .answering(let upstream):
            guard !requestBody.isEnded, client.unreadCount > 0, upstream.isWritable else { return false }
            return forwardBody(to: upstream)
        case .tunnel(let upstream):
            guard client.unreadCount > 0, upstream.isWritable else { return false }
            client.deadline = .now() + worker.settings.tunnelTimeout
            upstream.writeAndFlush(client.takeUnread(client.unreadCount))
            return true
        }
    }

    private func forwardBody(to upstream: UpstreamConnection) -> Bool {
        do {
            let run = try client.withUnread { try requestBody.takeRaw($0) }
            guard run != BodyFraming.Run() else { return false }
            isRepeatable = false
            client.deadline = .now() + route.timeout
            let bytes = client.takeUnread(run.pass)
            client.consume(run.skip)
            if run.pass > 0 { upstream.writeAndFlush(bytes) }
            return true
        } catch {
            if case .sent = phase {
                fail(400, "malformed chunk in the request's body\n", closing: true)
            } else {
                cut(status: 400)
            }
            return false
        }
    }

    /// The client takes bytes again.
    func resumeAnswer() {
        switch phase {
        case .answering(let upstream), .tunnel(let upstream), .sent(let upstream): upstream.resumeReading()
        case .waiting, .connecting, .ended: return
        }
    }

    // MARK: Repeating

    /// A request that was sent on a connection which the replica had closed already.
    private struct RepeatedRequest {
        var bytes: ByteBuffer
        let host: [UInt8]
    }

    /// A replica may close a connection that was unused for a while, just when it is used again. As long as nothing of an
    /// answer was seen, the request can go to a new connection, if doing it twice does no harm.
    private func mayRepeat(_ upstream: UpstreamConnection) -> Bool {
        upstream.isReused && !wasRepeated && isRepeatable && upstream.unread.readableBytes == 0
            && (method.isIdempotent || !hasBody)
    }

    private func repeatElsewhere(_ request: RepeatedRequest) {
        guard case .ready(let places) = route.state,
            refused.count < worker.settings.connectAttempts,
            let place = worker.pool.choose(among: places, except: refused, now: .now())
        else {
            fail(502, "Can't reach service for: \(route.name.name).\n")
            return
        }
        _ = worker.pool.begin(at: place, fresh: true)
        open(place, among: places, repeating: request)
    }

    private func repeatRequest(_ repeated: RepeatedRequest, on upstream: UpstreamConnection) {
        phase = .sent(upstream)
        upstream.begin(self)
        client.deadline = .now() + route.timeout
        upstream.request = RequestRewriter.replaceHost(in: repeated.bytes, from: repeated.host, with: upstream.host)
        upstream.writeAndFlush(upstream.request)
    }

    // MARK: Ends

    /// The replica's connection is closed. It no longer knows the call.
    func upstreamClosed(_ upstream: UpstreamConnection, cleanly: Bool) {
        switch phase {
        case .waiting, .connecting, .ended:
            return
        case .sent:
            let repeats = mayRepeat(upstream)
            leave(upstream.place)
            if repeats {
                wasRepeated = true
                repeatElsewhere(RepeatedRequest(bytes: upstream.request, host: upstream.host))
            } else {
                failWithoutUpstream(502, "Can't reach service for: \(route.name.name).\n")
            }
        case .answering:
            if answerBody == .untilClose, cleanly {
                endAnswerByClose(upstream)
            } else {
                leave(upstream.place)
                cutWithoutUpstream(status: 502)
            }
        case .tunnel:
            leave(upstream.place)
            finish(status: 101)
            client.closeAfterFlush()
        }
        client.process()
    }

    /// The client's connection is closed.
    func clientClosed() {
        switch phase {
        case .waiting:
            worker.room.leave(self, for: route.name)
            finish(status: 499)
        case .connecting:
            // The place in the pool is left when the connection is there, or is not.
            finish(status: 499)
        case .sent(let upstream), .answering(let upstream):
            finish(status: 499)
            upstream.close()
            leave(upstream.place)
        case .tunnel(let upstream):
            finish(status: 101)
            upstream.closeAfterFlush()
            leave(upstream.place)
        case .ended:
            return
        }
    }

    /// The client's deadline has passed.
    func deadlinePassed() {
        switch phase {
        case .waiting:
            worker.room.leave(self, for: route.name)
            fail(503, "no replica of \(route.name) became ready in time; try again later\n", retryAfter: 1)
        case .connecting, .ended:
            return
        case .sent(let upstream):
            if !requestBody.isEnded, upstream.isWritable {
                fail(408, "the request's body did not arrive in time\n", closing: true)
            } else {
                let limit = LocalAnswers.seconds(route.timeout)
                fail(504, "\(route.name) did not answer within its limit of \(limit) s\n")
            }
        case .answering:
            cut(status: 504)
        case .tunnel:
            client.abort()
        }
        client.process()
    }

    /// Ends the call with an answer of our own; nothing of another may have been written.
    func fail(_ status: Int, _ text: String, retryAfter: Int? = nil, closing: Bool = false) {
        if case .sent(let upstream) = phase {
            upstream.close()
            leave(upstream.place)
        }
        failWithoutUpstream(status, text, retryAfter: retryAfter, closing: closing)
    }

    private func failWithoutUpstream(_ status: Int, _ text: String, retryAfter: Int? = nil, closing: Bool = false) {
        let headIsUnread: Bool
        switch phase {
        case .waiting: headIsUnread = true
        case .connecting: headIsUnread = !wasRepeated
        case .sent, .answering, .tunnel, .ended: headIsUnread = false
        }
        finish(status: status)
        if headIsUnread { client.consume(client.parser.head.length) }
        let answer = TextAnswer(status: status, text: text, isInternal: true, retryAfter: retryAfter)
        client.answer(
            answer, method: method, isHTTP11: isHTTP11, keepsAlive: keepsAlive && !closing && !awaitsContinue,
            rest: requestBody, facts: facts(duration: 0))
    }

    /// Ends a call whose answer has begun so that the client sees that it is not whole.
    func cut(status: Int) {
        if case .answering(let upstream) = phase {
            upstream.close()
            leave(upstream.place)
        }
        cutWithoutUpstream(status: status)
    }

    private func cutWithoutUpstream(status: Int) {
        finish(status: status)
        if answerFraming == .untilClose {
            // A regular close is what such a client takes for the end.
            client.reset()
        } else {
            client.closeAfterFlush()
        }
    }

    /// The replica has sent all of its answer.
    func endAnswer(on upstream: UpstreamConnection, now: NIODeadline) {
        finish(status: answerStatus, now: now)
        client.flush()
        if answerKeepsUpstream, requestBody.isEnded, upstream.unread.readableBytes == 0, upstream.isOpen,
            !worker.isShuttingDown
        {
            upstream.release(now: now)
        } else {
            upstream.close()
        }
        leave(upstream.place)
        client.exchangeEnded(keepsAlive: answerKeepsClient, rest: requestBody, now: now)
    }

    private func endAnswerByClose(_ upstream: UpstreamConnection) {
        let now = NIODeadline.now()
        finish(status: answerStatus, now: now)
        leave(upstream.place)
        if answerFraming == .madeChunked { client.write(ByteBuffer(staticString: "0\r\n\r\n")) }
        client.flush()
        client.exchangeEnded(keepsAlive: answerKeepsClient, rest: requestBody, now: now)
    }

    private func finish(status: Int, now: NIODeadline = .now()) {
        phase = .ended
        route.cell.counter.end(status: status, duration: (now - started).nanoseconds)
    }

    func facts(duration: UInt64) -> AnswerFacts {
        AnswerFacts(
            callID: callID, startTime: startTime, duration: duration, servedBy: worker.settings.servedBy,
            date: worker.clock.date)
    }
}

extension FunctionCall: Hashable {
    static func == (left: FunctionCall, right: FunctionCall) -> Bool { left === right }

    func hash(into hasher: inout Hasher) {
        hasher.combine(ObjectIdentifier(self))
    }
}
