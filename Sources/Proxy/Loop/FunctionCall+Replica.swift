import NIOCore
import OpenFaaSAPI

/// The call's way to a replica, and to another one where that is allowed.
extension FunctionCall {
    /// Takes a replica that has not refused the call yet.
    func callReplica(among places: [Int]) {
        guard let place = chooseReplica(among: places) else { return }
        if let connection = worker.pool.begin(at: place) {
            send(on: connection)
        } else {
            open(place)
        }
    }

    /// - Returns: `nil` when there is none left; then the call has failed.
    private func chooseReplica(among places: [Int]) -> Int? {
        guard refusals < worker.settings.connectAttempts,
            let place = worker.pool.choose(among: places, except: refused, now: .now())
        else {
            failUnreachable()
            return nil
        }
        return place
    }

    private func open(_ place: Int, repeating request: RepeatedRequest? = nil) {
        guard let endpoint = worker.pool.endpoint(at: place) else {
            leave(place)
            failUnreachable()
            return
        }
        phase = .connecting
        client.deadline = .distantFuture
        let connection = UpstreamConnection(worker: worker, place: place, endpoint: endpoint)
        connection.open(to: endpoint).assumeIsolated().whenComplete { [self] result in
            switch (phase, result) {
            case (.connecting, .success):
                if let request {
                    repeatRequest(request, on: connection)
                } else {
                    send(on: connection)
                }
            case (.connecting, .failure(let error)):
                connectionFailed(place, error, repeating: request)
            case (_, .success):
                // The client went away meanwhile. The connection is as good as any.
                connection.release(now: .now())
                leave(place)
            case (_, .failure):
                replicaFailed(place)
                leave(place)
            }
            client.process()
        }
    }

    /// Looks for another replica, in the table of now: those of an older one may have been stopped since.
    private func connectionFailed(_ place: Int, _ error: any Error, repeating request: RepeatedRequest?) {
        if case .connectTimeout? = error as? ChannelError { connectTimedOut = true }
        replicaFailed(place)
        exclude(place)
        leave(place)
        guard let route = worker.route(of: route.name) else {
            functionVanished()
            return
        }
        follow(route)
        if let request {
            repeatElsewhere(request)
        } else {
            findReplica()
        }
    }

    /// A replica that has failed the call is not tried again for it. To be called before ``leave(_:)``, as long as its
    /// place is its own in every table.
    func exclude(_ place: Int) {
        if let route = worker.route(of: route.name) { follow(route) }
        refused.append(place)
        refusals += 1
    }

    /// No replica is left that could be tried.
    func failUnreachable() {
        if connectTimedOut { fail(.connectTimeout) } else { fail(502, LocalAnswers.unreachableText(route.name)) }
    }

    /// The call no longer counts for a replica.
    func leave(_ place: Int) {
        worker.pool.end(at: place)
        worker.finishDrains()
    }

    /// A request whose connection was closed before an answer.
    struct RepeatedRequest {
        var bytes: ByteBuffer
        let host: [UInt8]
    }

    /// As long as nothing of an answer was seen, and all that was sent is still there, the request can go to another
    /// connection, if doing it twice does no harm (RFC 9110 §9.2.2): nobody knows what the replica did with it.
    func mayRepeat(_ upstream: UpstreamConnection) -> Bool {
        method.isIdempotent && isRepeatable && upstream.unread.readableBytes == 0
    }

    /// A replica may close a connection that was unused for a while, just when it is used again. That is no failure,
    /// and a new connection to the same replica may do.
    func wasStale(_ upstream: UpstreamConnection) -> Bool {
        upstream.isReused && !wasRepeated && upstream.unread.readableBytes == 0
    }

    func repeatElsewhere(_ request: RepeatedRequest) {
        guard let route = worker.route(of: route.name) else {
            functionVanished()
            return
        }
        follow(route)
        switch route.state {
        case .ready(let places):
            guard let place = chooseReplica(among: places) else { return }
            _ = worker.pool.begin(at: place, fresh: true)
            open(place, repeating: request)
        case .waiting:
            toRepeat = request
            wait()
        case .stopped(let reason):
            fail(503, "\(reason)\n")
        }
    }

    private func repeatRequest(_ repeated: RepeatedRequest, on upstream: UpstreamConnection) {
        phase = .sent(upstream)
        upstream.begin(self)
        upstream.request = RequestRewriter.replaceHost(in: repeated.bytes, from: repeated.host, with: upstream.host)
        upstream.writeAndFlush(upstream.request)
        restartClock(.now(), upstream)
    }
}
