/// One call in worker mode: it waits for a worker, gives it the request, and passes the answer on.
final class WorkerCall: Call {
    private unowned let server: Server
    private unowned let pool: WorkerPool
    private var connection: Connection?
    private var worker: Worker?
    /// Prefix and head of the request; given back when sent.
    private var request: Buffer?
    private var bodyToSend: Int
    /// Body bytes of the answer that are still to come; nil before its head.
    private var bodyToCome: Int?
    private var began = Instant.now()
    private var isWaiting = false
    private var isOver = false

    /// - Returns: nil when the request's head is too large.
    init?(_ request: CallRequest, pool: WorkerPool, connection: Connection) {
        server = connection.server
        self.pool = pool
        self.connection = connection
        if case .length(let length) = request.head.framing, request.replacingPath == nil {
            bodyToSend = Int(length)
        } else {
            bodyToSend = 0
        }
        let buffer = server.pool.take()
        guard WorkerFrames.write(request, bodyLength: bodyToSend, to: buffer) else {
            server.pool.giveBack(buffer)
            return nil
        }
        self.request = buffer
        server.callBegan()
    }

    var isInputOpen: Bool { bodyToSend > 0 }
    var isHolding: Bool { false }
    /// Whether the worker has not got all of the request.
    var isSending: Bool { request != nil || bodyToSend > 0 }

    /// A worker is free.
    func begin(_ worker: Worker) {
        isWaiting = false
        self.worker = worker
        began = .now()
        worker.begin(self)
        if let connection { server.loop.resumeLater(connection) }
    }

    func offerInput(_ bytes: UnsafeRawBufferPointer) -> Int {
        guard bodyToSend > 0, !isOver else { return bytes.count }
        guard let worker, sendHead(to: worker) else { return 0 }
        let count = send(bytes.slice(0..<min(bytes.count, bodyToSend)), to: worker)
        bodyToSend -= count
        return count
    }

    func finishInput() {}

    func readOutput(into buffer: Buffer) -> CallStep? {
        guard let worker else {
            if !isWaiting, !isOver {
                isWaiting = true
                pool.take(self)
            }
            return nil
        }
        guard sendHead(to: worker) else { return nil }
        while true {
            if let response = worker.response, !response.isEmpty {
                if let step = bodyToCome == nil ? takeHead(response, buffer) : takeBody(response, buffer) {
                    return step
                }
            }
            guard buffer.free > Limits.ownLine, worker.receive() else { return buffer.isEmpty ? nil : .more }
        }
    }

    private func sendHead(to worker: Worker) -> Bool {
        guard let request else { return true }
        request.consume(send(request.readable, to: worker))
        guard request.isEmpty else { return false }
        server.pool.giveBack(request)
        self.request = nil
        return true
    }

    private func send(_ bytes: UnsafeRawBufferPointer, to worker: Worker) -> Int {
        guard worker.canSend, worker.socket >= 0 else { return 0 }
        switch Descriptors.send(worker.socket, bytes) {
        case .moved(let count):
            return count
        case .blocked:
            worker.canSend = false
        case .ended, .failed:
            worker.canSend = false
            worker.end()
        }
        return 0
    }

    private func takeHead(_ response: Buffer, _ buffer: Buffer) -> CallStep? {
        guard let connection, let lengths = WorkerFrames.lengths(response.readable) else { return nil }
        guard !isSending, lengths.head <= Limits.upstreamHead, lengths.body <= Limits.workerBody else {
            return malformed()
        }
        let end = WorkerFrames.prefix + lengths.head
        guard response.count >= end else { return nil }
        let bytes = response.readable.slice(WorkerFrames.prefix..<end)
        guard let head = WorkerResponse(bytes) else { return malformed() }
        let status = StatusLine(code: head.code, reason: UnsafeRawBufferPointer(start: nil, count: 0))
        if status.isBodiless, lengths.body > 0 { return malformed() }
        var answer = ResponseHead(
            status.known, length: status.isBodiless ? .none : .exact(lengths.body), duration: Instant.now() - began)
        if !head.hasContentType, !status.isBodiless { answer.contentType = server.configuration.contentType }
        connection.append(answer, to: buffer) { head.fields.write(bytes, to: $0) }
        response.consume(end)
        bodyToCome = lengths.body
        return lengths.body == 0 ? finish() : nil
    }

    private func takeBody(_ response: Buffer, _ buffer: Buffer) -> CallStep? {
        guard let connection, let left = bodyToCome else { return .cut }
        let bytes = response.readable.slice(0..<min(left, response.count))
        let taken = connection.append(body: bytes, to: buffer)
        response.consume(taken)
        bodyToCome = left - taken
        if left == taken { return finish() }
        return taken < bytes.count ? .more : nil
    }

    private func finish() -> CallStep {
        isOver = true
        let worker = worker
        self.worker = nil
        worker?.callEnded()
        return .finish
    }

    private func malformed() -> CallStep {
        let text = "answer of the worker cannot be used"
        server.log.line("\(text): process ended")
        worker?.end()
        return fail(.internalError, text)
    }

    func fail(_ status: StatusCode, _ text: String) -> CallStep {
        fail(AnswerState.Failure(status: status, text: text))
    }

    private func fail(_ failure: AnswerState.Failure) -> CallStep {
        guard let connection, bodyToCome == nil, !isOver else { return .cut }
        isOver = true
        let buffer = connection.outputBuffer()
        buffer.clear()
        connection.report(failure, duration: Instant.now() - began, before: buffer)
        return .finish
    }

    // MARK: - Events

    func workerMoved() { connection?.pump() }

    /// The worker cannot go on with this call.
    func failed(_ status: StatusCode, _ text: String, isFunctions: Bool = false) {
        worker = nil
        guard let connection else { return }
        connection.take(fail(AnswerState.Failure(status: status, text: text, isFunctions: isFunctions)))
        connection.pump()
    }

    func detach() {
        connection = nil
        if isWaiting { pool.forget(self) }
        worker?.callAbandoned(hasBegun: bodyToCome != nil || isSending)
        worker = nil
        if let request { server.pool.giveBack(request) }
        request = nil
        server.callEnded()
    }
}
