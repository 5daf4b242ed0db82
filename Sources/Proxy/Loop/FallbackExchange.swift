import NIOCore

/// One request of the control plane: stands between the client's connection and the task that answers.
/// Lives on the connection's event loop; the task reaches it through ``FallbackWriter`` and ``FallbackBody``.
final class FallbackExchange {
    private enum Progress {
        case nothingWritten
        /// The head is written; so many bytes are still announced.
        case headWritten(FallbackFraming)
        case finished
        /// The client is gone.
        case closed
    }

    private let client: ClientConnection
    private let worker: Worker
    private let method: RequestMethod
    private let isHTTP11: Bool
    private var keepsAlive: Bool
    /// Whether the client waits for `100 Continue`.
    private var awaitsContinue: Bool
    private var requestBody: BodyFraming
    private var source: FallbackBody.Source?
    /// Whether the reader takes more bytes.
    private var isReaderReady = true
    private var progress = Progress.nothingWritten
    /// Writers that wait until the client takes bytes again.
    private var waiting: [EventLoopPromise<Void>] = []
    private var task: Task<Void, Never>?
    /// What the access log will say.
    private var end = AccessLog.End(status: 499)

    init(client: ClientConnection, worker: Worker) {
        let head = client.parser.head
        self.client = client
        self.worker = worker
        method = head.method
        isHTTP11 = head.isHTTP11
        keepsAlive = head.keepsAlive
        awaitsContinue = head.expectsContinue && head.isHTTP11 && head.hasBody
        requestBody = head.body
    }

    /// Starts the task. The client's head is used up.
    func begin() {
        let bound = NIOLoopBound(self, eventLoop: worker.eventLoop)
        let (body, source) = FallbackBody.make(
            exchange: bound, loop: worker.eventLoop, contentLength: client.parser.head.announcedLength)
        self.source = source
        let request = client.withUnread { client.parser.head.fallbackRequest($0, body: body, peer: client.peer) }
        client.consume(client.parser.head.length)
        client.deadline = .distantFuture
        finishSourceIfEnded()
        let (fallback, loop) = (worker.fallback, worker.eventLoop)
        let writer = FallbackWriter(exchange: bound, loop: loop)
        worker.fallbackBegan()
        // Owned by the connection: cancelled in clientClosed(), and waited for at shutdown by the worker's count.
        task = Task {
            await fallback.respond(to: request, writer: writer)
            loop.execute { bound.value.taskEnded() }
        }
    }

    // MARK: The request's body

    var wantsClientBytes: Bool { requestBody.isEnded || (isReaderReady && source != nil) }

    /// Gives the reader what has arrived.
    ///
    /// - Returns: whether something was used, so that there may be more to do.
    func useClientBytes() -> Bool {
        guard !requestBody.isEnded, isReaderReady, let source, client.unreadCount > 0 else { return false }
        do {
            let (skip, content) = try client.withUnread { try requestBody.takeContent($0) }
            client.consume(skip)
            if content > 0 {
                end.bytesIn += content
                let bytes = client.takeUnread(content)
                switch source.yield(contentsOf: CollectionOfOne(bytes)) {
                case .produceMore: break
                case .stopProducing: isReaderReady = false
                case .dropped: finishSource(nil)
                }
            }
            finishSourceIfEnded()
            updateDeadline()
            return skip + content > 0
        } catch {
            // What follows cannot be told apart from the body, so nothing more is read on this connection.
            keepsAlive = false
            requestBody = .length(0)
            client.consume(client.unreadCount)
            finishSource(ProxyError(.connectionClosed, "the client sent a malformed chunk"))
            return false
        }
    }

    /// The reader takes more.
    func readerIsReady() {
        isReaderReady = true
        updateDeadline()
        client.process()
    }

    /// The reader has begun.
    func readerBegan() {
        if awaitsContinue, case .nothingWritten = progress { client.writeContinue() }
        awaitsContinue = false
        updateDeadline()
    }

    /// The reader will take nothing more.
    func readerEnded() {
        finishSource(nil)
        updateDeadline()
    }

    private func finishSourceIfEnded() {
        if requestBody.isEnded { finishSource(nil) }
    }

    private func finishSource(_ error: ProxyError?) {
        if let error { source?.finish(error) } else { source?.finish() }
        source = nil
    }

    // MARK: The answer

    /// - Returns: fulfilled when the writer may go on.
    func writeHead(_ head: FallbackHead) -> EventLoopFuture<Void> {
        guard case .nothingWritten = progress else { return refuseWrite() }
        let keepsClient = keepsAlive && !worker.isShuttingDown && !awaitsContinue
        guard let framing = head.framing(answering: method, forHTTP11: isHTTP11) else {
            return fail(.writerMisused, "the answer's head is malformed: check status, names and values")
        }
        keepsAlive = keepsClient && framing != .untilClose
        _ = worker.clock.now()
        var bytes = ByteBuffer()
        head.write(
            to: &bytes, framing: framing,
            connection: ClientConnection.field(keepsAlive: keepsAlive, isHTTP11: isHTTP11), date: worker.clock.date)
        progress = .headWritten(framing)
        end.status = head.status
        client.write(bytes)
        return flushed()
    }

    /// - Returns: fulfilled when the writer may go on.
    func write(_ bytes: ByteBuffer) -> EventLoopFuture<Void> {
        guard case .headWritten(let framing) = progress else { return refuseWrite() }
        guard bytes.readableBytes > 0 else { return flushed() }
        let bytesOut = end.bytesOut + bytes.readableBytes
        switch framing {
        case .none:
            return flushed()
        case .length(let rest):
            guard bytes.readableBytes <= rest else {
                return fail(.writerMisused, "the body is longer than its Content-Length")
            }
            progress = .headWritten(.length(rest - bytes.readableBytes))
            client.write(bytes)
        case .untilClose:
            client.write(bytes)
        case .chunked:
            var size = ByteBuffer()
            size.append(capacity: 20) { $0.writeChunkSize(bytes.readableBytes) }
            client.write(size)
            client.write(bytes)
            client.write(ByteBuffer(staticString: "\r\n"))
        }
        end.bytesOut = bytesOut
        return flushed()
    }

    func finishAnswer() -> EventLoopFuture<Void> {
        guard case .headWritten(let framing) = progress else { return refuseWrite() }
        switch framing {
        case .length(let rest) where rest > 0:
            return fail(.writerMisused, "the body is shorter than its Content-Length")
        case .chunked:
            client.write(ByteBuffer(staticString: "0\r\n\r\n"))
        case .none, .length, .untilClose:
            break
        }
        progress = .finished
        return flushed()
    }

    private func flushed() -> EventLoopFuture<Void> {
        client.flush()
        if case .closed = progress { return refuseWrite() }
        guard !client.isWritable else { return worker.eventLoop.makeSucceededVoidFuture() }
        let promise = worker.eventLoop.makePromise(of: Void.self)
        waiting.append(promise)
        updateDeadline()
        return promise.futureResult
    }

    private func refuseWrite() -> EventLoopFuture<Void> {
        switch progress {
        case .closed: fail(.connectionClosed, "the client is gone")
        case .nothingWritten: fail(.writerMisused, "the head must be written first")
        case .headWritten: fail(.writerMisused, "the head was written before")
        case .finished: fail(.writerMisused, "the answer was finished before")
        }
    }

    private func fail(_ code: ProxyError.Code, _ message: String) -> EventLoopFuture<Void> {
        worker.eventLoop.makeFailedFuture(ProxyError(code, message))
    }

    // MARK: Told by the connection

    func becameWritable() {
        let released = waiting
        waiting = []
        updateDeadline()
        for promise in released { promise.succeed() }
    }

    func clientClosed() {
        if case .finished = progress {} else { end.status = 499 }
        client.logEnd(end, now: .now())
        leave()
    }

    /// Lets the task go without a client.
    private func leave() {
        progress = .closed
        task?.cancel()
        let gone = ProxyError(.connectionClosed, "the client is gone")
        finishSource(gone)
        let released = waiting
        waiting = []
        for promise in released { promise.fail(gone) }
    }

    func deadlinePassed(_ now: NIODeadline) {
        guard waiting.isEmpty else {
            guard !client.takes(now) else { return }
            end.limit = .writeTimeout
            client.reset()
            return
        }
        end.limit = .readTimeout
        guard case .nothingWritten = progress else {
            client.abort()
            return
        }
        leave()
        answer(worker.settings.answer(.readTimeout), keepsAlive: false)
    }

    /// Answers in place of the task.
    private func answer(_ answer: TextAnswer, keepsAlive: Bool) {
        end.status = answer.status
        if method != .head { end.bytesOut = answer.text.utf8.count }
        client.logEnd(end, now: .now())
        client.answer(
            answer, method: method, isHTTP11: isHTTP11, keepsAlive: keepsAlive, rest: requestBody, facts: nil)
    }

    /// Only a client that is waited for has a deadline: the control plane may take its time.
    private func updateDeadline() {
        if case .closed = progress { return }
        let reads = source != nil && isReaderReady && !requestBody.isEnded && !awaitsContinue
        if !waiting.isEmpty {
            client.deadline = client.taking.nextLook(.now(), limit: worker.settings.writeTimeout)
        } else {
            client.deadline = reads ? .now() + worker.settings.readTimeout : .distantFuture
        }
    }

    // MARK: The end

    private func taskEnded() {
        worker.fallbackEnded()
        task = nil
        let ended = progress
        progress = .closed
        finishSource(ProxyError(.connectionClosed, "the request is over"))
        switch ended {
        case .closed:
            return
        case .nothingWritten:
            answer(
                TextAnswer(status: 500, text: "the request was not answered\n"),
                keepsAlive: keepsAlive && !awaitsContinue)
        case .headWritten(let framing):
            client.logEnd(end, now: .now())
            if framing == .untilClose { client.reset() } else { client.closeAfterFlush() }
        case .finished:
            client.logEnd(end, now: .now())
            client.exchangeEnded(keepsAlive: keepsAlive, rest: requestBody, now: .now())
        }
    }
}
