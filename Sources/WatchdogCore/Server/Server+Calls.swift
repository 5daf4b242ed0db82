/// From a request to the call of the function.
extension Server {
    func decide(method: UnsafeRawBufferPointer, path: UnsafeRawBufferPointer) -> Admission.Decision {
        admission.decide(
            method: method, path: path, isHealthy: lifecycle.isHealthy, inflight: inflight,
            isFunctionReady: upstream?.probe() ?? workers?.isReady ?? true)
    }

    func callBegan() {
        inflight += 1
    }

    func callEnded() {
        inflight -= 1
        if inflight == 0 { loop.arm(quietTimer, after: Limits.quiet) }
        endIfIdle()
    }

    /// Whether the function gets only whole bodies.
    var holdsBodies: Bool {
        switch configuration.mode {
        case .serializing, .worker: true
        case .http: configuration.buffersRequest
        case .streaming, .staticFiles: false
        }
    }

    /// Whether each request has its own line in the log; where processes are forked these have lines.
    var logsRequests: Bool { configuration.mode != .streaming && configuration.mode != .serializing }

    var hasCalls: Bool { inflight > 0 }

    /// Whether processes that have ended may be replaced.
    var mayStartWorkers: Bool { lifecycle.phase != .ending && lifecycle.phase != .over }

    /// Starts what the mode needs before the first request.
    func startFunction() throws(WatchdogError) {
        do throws(SystemError) {
            switch configuration.mode {
            case .streaming, .serializing, .staticFiles:
                break
            case .http:
                upstream = configuration.upstream.map { UpstreamPool($0, loop: loop) }
                resident = try ResidentFunction(self)
            case .worker:
                workers = try WorkerPool(self, count: configuration.workerCount)
            }
        } catch {
            let text = LaunchFailure.describe(error, command: configuration.command[0]).text
            throw WatchdogError(.system, message: text)
        }
        if configuration.mode == .staticFiles { files = try StaticFiles(path: configuration.staticPath) }
    }

    /// Whether the function's process runs and may not listen yet.
    var isFunctionStarting: Bool { resident?.isStarting ?? false }

    /// Starts the call of a request.
    /// - Returns: what the client is to be told when it cannot start.
    func startCall(_ request: CallRequest, on connection: Connection) -> (status: StatusCode, text: String)? {
        do {
            switch configuration.mode {
            case .streaming:
                connection.call = try StreamingCall(request, connection: connection)
            case .serializing:
                connection.call = try SerializingCall(request, connection: connection)
            case .staticFiles:
                if let files { startFileCall(request, files: files, on: connection) }
            case .worker:
                guard let workers, let call = WorkerCall(request, pool: workers, connection: connection) else {
                    return (.headTooLarge, "request head is larger than \(Limits.upstreamHead) bytes")
                }
                connection.call = call
            case .http:
                guard let upstream, let call = UpstreamCall(request, pool: upstream, connection: connection) else {
                    return (.headTooLarge, "request head is larger than \(Limits.upstreamHead) bytes")
                }
                connection.call = call
            }
            return nil
        } catch {
            return LaunchFailure.describe(error, command: configuration.command[0])
        }
    }

    var metricsPage: String { metrics.page(inflight: inflight) }
}
