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
            fail(502, LocalAnswers.unreachableText(route.name))
            return nil
        }
        return place
    }

    private func open(_ place: Int, repeating request: RepeatedRequest? = nil) {
        guard let endpoint = worker.pool.endpoint(at: place) else {
            leave(place)
            fail(502, LocalAnswers.unreachableText(route.name))
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
            case (.connecting, .failure):
                connectionRefused(place, repeating: request)
            case (_, .success):
                // The client went away meanwhile. The connection is as good as any.
                connection.release(now: .now())
                leave(place)
            case (_, .failure):
                leave(place)
            }
            client.process()
        }
    }

    /// Looks for another replica, in the table of now: those of an older one may have been stopped since.
    private func connectionRefused(_ place: Int, repeating request: RepeatedRequest?) {
        worker.pool.avoid(place: place, until: .now() + LoopSettings.avoidTime)
        refused.append(place)
        refusals += 1
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

    /// The call no longer counts for a replica.
    func leave(_ place: Int) {
        worker.pool.end(at: place)
        worker.finishDrains()
    }

    /// A request that was sent on a connection which the replica had closed already.
    struct RepeatedRequest {
        var bytes: ByteBuffer
        let host: [UInt8]
    }

    /// A replica may close a connection that was unused for a while, just when it is used again. As long as nothing of an
    /// answer was seen, the request can go to a new connection, if doing it twice does no harm.
    func mayRepeat(_ upstream: UpstreamConnection) -> Bool {
        upstream.isReused && !wasRepeated && isRepeatable && upstream.unread.readableBytes == 0
            && (method.isIdempotent || !hasBody)
    }

    func repeatElsewhere(_ request: RepeatedRequest) {
        guard let route = worker.route(of: route.name) else {
            functionVanished()
            return
        }
        follow(route)
        guard case .ready(let places) = route.state else {
            fail(502, LocalAnswers.unreachableText(route.name))
            return
        }
        guard let place = chooseReplica(among: places) else { return }
        _ = worker.pool.begin(at: place, fresh: true)
        open(place, repeating: request)
    }

    private func repeatRequest(_ repeated: RepeatedRequest, on upstream: UpstreamConnection) {
        phase = .sent(upstream)
        upstream.begin(self)
        client.deadline = .now() + route.timeout
        upstream.request = RequestRewriter.replaceHost(in: repeated.bytes, from: repeated.host, with: upstream.host)
        upstream.writeAndFlush(upstream.request)
    }
}
