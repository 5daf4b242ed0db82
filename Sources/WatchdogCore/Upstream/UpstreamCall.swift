/// One call in http mode: a request to the function's own server, and its answer, both streamed.
///
/// Nothing is sent before the first look at the output, so that a head and a small body go out together.
final class UpstreamCall: Call, TimerOwner {
    enum Phase {
        /// No connection that could be used yet.
        case connecting
        /// Waiting for the head of the answer, or for the rest of it.
        case head
        case body
        case ended
    }

    /// Not counted: both outlive the calls.
    unowned(unsafe) let server: Server
    unowned(unsafe) let pool: UpstreamPool
    var connection: Connection?
    var socket: UpstreamSocket?
    var phase = Phase.connecting
    /// The request, as far as it is not dropped yet; its first `sent` bytes are sent.
    let request: Buffer
    var sent = 0
    /// Whether any byte of it has gone out on the present connection.
    var hasSent = false
    /// Whether more of it goes out as soon as it comes.
    var isSending = false
    /// Whether the request goes out for the second time: not on a connection that has been used.
    private var isSecondTry = false
    /// Whether the request can be sent again, as all of it is still in the buffer and doing so does no harm.
    var isReplayable: Bool
    let isChunked: Bool
    let isUpgrade: Bool
    /// Whether the body is complete, or the function has closed its ears.
    var isInputOver = false
    /// Received and not passed on yet.
    var response: Buffer?
    var responseBody = RequestBody()
    var keepsSocket = false
    /// Whether the end of the connection is the end of the answer.
    var endsWithSocket = false
    private let execLimit: TimeSpan?
    let began = Instant.now()
    private var isWaitingToRetry = false
    private lazy var retryTimer = LoopTimer(owner: self)

    /// - Returns: nil when the request's head is too large.
    init?(_ request: CallRequest, pool: UpstreamPool, connection: Connection) {
        server = connection.server
        self.pool = pool
        self.connection = connection
        let upstream = UpstreamRequest(request)
        let buffer = server.pool.take()
        guard upstream.write(to: buffer, prefix: pool.address.prefix) else {
            server.pool.giveBack(buffer)
            return nil
        }
        self.request = buffer
        isReplayable = upstream.isIdempotent
        isChunked = upstream.isChunked
        isUpgrade = upstream.isUpgrade
        execLimit = upstream.isStream ? nil : Self.limit(server.configuration.execTimeout, upstream.timeout)
        server.callBegan()
        if let execLimit { server.loop.arm(connection.callTimer, after: execLimit) }
    }

    /// `X-Timeout` can only shorten `exec_timeout`.
    private static func limit(_ configured: TimeSpan?, _ asked: TimeSpan?) -> TimeSpan? {
        guard let configured, let asked, asked > .zero else { return configured }
        return min(configured, asked)
    }

    var isInputOpen: Bool { !isInputOver }
    var isHolding: Bool { false }
    var age: TimeSpan { Instant.now() - began }

    func readOutput(into buffer: Buffer) -> CallStep? {
        if phase == .connecting {
            guard !isWaitingToRetry else { return nil }
            if let step = connect() { return step }
        }
        guard phase != .connecting else { return nil }
        flushRequest()
        return readResponse(into: buffer)
    }

    func fail(_ status: StatusCode, _ text: String) -> CallStep {
        guard let connection, phase == .connecting || phase == .head else { return .cut }
        phase = .ended
        keepsSocket = false
        let buffer = connection.outputBuffer()
        buffer.clear()
        connection.report(AnswerState.Failure(status: status, text: text), duration: age, before: buffer)
        return .finish
    }

    func detach() {
        if let connection { server.loop.rest(connection.callTimer) }
        connection = nil
        if isWaitingToRetry { server.loop.disarm(retryTimer) }
        if let socket {
            if keepsSocket, phase == .ended { pool.giveBack(socket) } else { pool.drop(socket) }
        }
        socket = nil
        server.pool.giveBack(request)
        if let response { server.pool.giveBack(response) }
        response = nil
        server.callEnded()
    }

    func socketMoved() { connection?.pump() }

    func timerFired(_ timer: LoopTimer) {
        isWaitingToRetry = false
        connection?.pump()
    }

    func timeOver() {
        guard let connection, let execLimit else { return }
        let text = "exec_timeout of \(GoDuration.text(execLimit)) exceeded"
        server.log.line(text)
        connection.take(fail(.gatewayTimeout, text))
        connection.pump()
    }

    // MARK: - Connecting

    /// - Returns: how the answer goes on when there can be no connection.
    private func connect() -> CallStep? {
        do throws(SystemError) {
            let socket: UpstreamSocket
            if let current = self.socket {
                socket = current
            } else {
                socket = try pool.take(for: self, isFresh: isSecondTry)
                self.socket = socket
            }
            guard !socket.isConnected else { return connected(socket) }
            guard socket.canSend else { return nil }
            if let error = socket.connectionError() {
                dropSocket()
                pool.refused()
                throw error
            }
            return connected(socket)
        } catch {
            return connectionFailed(error)
        }
    }

    private func connected(_ socket: UpstreamSocket) -> CallStep? {
        socket.isConnected = true
        pool.accepted()
        phase = .head
        return nil
    }

    /// A function that was started a moment ago may not listen yet.
    private func connectionFailed(_ error: SystemError) -> CallStep? {
        if !pool.hasAccepted, server.isFunctionStarting {
            isWaitingToRetry = true
            server.loop.arm(retryTimer, after: Limits.upstreamRetry)
            return nil
        }
        let text = "cannot reach the function: \(error.text)"
        server.log.line(text)
        return fail(.internalError, text)
    }

    func dropSocket() {
        if let socket { pool.drop(socket) }
        socket = nil
    }

    /// The connection has ended before an answer.
    /// - Returns: nil when the request goes out once more.
    func lostSocket(_ reason: String) -> CallStep? {
        let mayTryAgain = (socket?.isReused ?? false) && (isReplayable || !hasSent) && (response?.isEmpty ?? true)
        dropSocket()
        guard mayTryAgain else {
            let text = "no answer from the function: \(reason)"
            server.log.line(text)
            return fail(.internalError, text)
        }
        sent = 0
        hasSent = false
        isSecondTry = true
        phase = .connecting
        return .more
    }
}
