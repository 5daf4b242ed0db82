import NIOCore
import OpenFaaSAPI

/// The call's way to a replica, and to another one where that is allowed.
extension FunctionCall {
    /// Takes a replica that was not tried yet.
    func callReplica(among places: [Int]) {
        guard refused.count < worker.settings.connectAttempts,
            let place = worker.pool.choose(among: places, except: refused, now: .now())
        else {
            fail(502, "Can't reach service for: \(route.name.name).\n")
            return
        }
        if let connection = worker.pool.begin(at: place) {
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
}
