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
    /// The route of the table that was in use when the call last looked for a replica.
    private(set) var route: LoopRoute
    /// Where the call is counted.
    let cell: CounterCell
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
    /// How many informational heads came before the answer.
    var interimHeads = 0
    var answerBody = BodyFraming.untilClose
    var answerFraming = ClientFraming.none
    var answerStatus = 0
    /// Whether the client's connection and the replica's may be used after this call.
    var answerKeepsClient = false
    var answerKeepsUpstream = false

    /// Replicas of the route that failed the call, and how many did in all.
    var refused: [Int] = []
    var refusals = 0
    /// Whether the request was sent more than once.
    var wasRepeated = false
    /// What is to be sent again to the replica that the call waits for.
    var toRepeat: RepeatedRequest?
    /// Whether all that was sent of the request is still there, to be sent again.
    var isRepeatable = true
    /// Whether opening a connection took too long, and was not refused.
    var connectTimedOut = false

    /// Bytes of both bodies that were passed on, without the framing of chunks.
    var bytesIn = 0
    var bytesOut = 0
    /// The limit that ended the call.
    var limit: Limit?

    init(client: ClientConnection, worker: Worker, route: LoopRoute, path: Range<Int>, now: NIODeadline) {
        let head = client.parser.head
        self.client = client
        self.worker = worker
        self.route = route
        cell = route.cell
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

    func begin() {
        cell.counter.begin()
        client.logCall(self)
        if case .length(let length) = requestBody, length > worker.settings.maxBodyBytes {
            fail(.bodyBytes)
        } else {
            findReplica()
        }
    }

    /// Goes on as the route says.
    func findReplica() {
        switch route.state {
        case .ready(let places): callReplica(among: places)
        case .stopped(let reason): fail(503, "\(reason)\n")
        case .waiting: wait()
        }
    }

    /// Takes over the route of another table.
    func follow(_ route: LoopRoute) {
        guard route !== self.route else { return }
        self.route = route
        // Places may belong to other replicas now.
        refused = []
    }

    func wait() {
        switch worker.room.admit(self, for: route.name) {
        case .full:
            fail(.waitingCalls)
        case .waits(let isFirst):
            phase = .waiting
            client.deadline = .now() + worker.settings.waitingTimeout
            guard isFirst, let route = worker.wake(route.name) else { return }
            worker.room.leave(self, for: route.name)
            goOn(by: route)
        }
    }

    /// The waiting is over; the call was taken out of the waiting room.
    func released(by route: LoopRoute) {
        guard case .waiting = phase else { return }
        goOn(by: route)
        client.process()
    }

    private func goOn(by route: LoopRoute) {
        follow(route)
        phase = .connecting
        if let request = toRepeat {
            toRepeat = nil
            repeatElsewhere(request)
        } else {
            findReplica()
        }
    }

    /// The function was removed before the call had found a replica.
    func functionVanished() {
        fail(404, LocalAnswers.notFoundText(route.name.description))
        client.process()
    }

    /// The client takes bytes again.
    func resumeAnswer() {
        switch phase {
        case .answering(let upstream), .tunnel(let upstream), .sent(let upstream): upstream.resumeReading()
        case .waiting, .connecting, .ended: return
        }
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
