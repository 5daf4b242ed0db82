import Glibc

/// One connection to the function.
final class UpstreamSocket: EventHandler {
    let descriptor: Int32
    /// Not counted: the pool outlives its connections.
    private unowned(unsafe) let pool: UpstreamPool
    /// Who uses it; nil while it is idle.
    var user: UpstreamCall?
    var isConnected = false
    /// Whether it has carried a request before.
    var isReused = false
    /// Whether the function has closed its sending side.
    var isPeerClosed = false
    var canReceive = false
    var canSend = false

    init(_ descriptor: Int32, pool: UpstreamPool) {
        self.descriptor = descriptor
        self.pool = pool
    }

    func descriptor(_ descriptor: Int32, became readiness: Readiness) {
        if !readiness.isDisjoint(with: [.readable, .peerClosed, .hungUp, .failed]) { canReceive = true }
        if !readiness.isDisjoint(with: [.writable, .hungUp, .failed]) { canSend = true }
        if !readiness.isDisjoint(with: [.peerClosed, .hungUp, .failed]) { isPeerClosed = true }
        if let user {
            user.socketMoved()
        } else if canReceive {
            // A function that closes, or that says something without having been asked.
            pool.drop(self)
        }
    }

    /// What became of the attempt to connect; nil when it has succeeded.
    func connectionError() -> SystemError? {
        var number: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        guard getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &number, &length) == 0 else { return .last }
        return number == 0 ? nil : SystemError(number: number)
    }
}

/// Connections to the function: those that wait for a request are used again, the last one first.
final class UpstreamPool: TimerOwner {
    let address: UpstreamAddress
    private let loop: EventLoop
    private var idle: [UpstreamSocket] = []
    /// Of the places of the address the one that answers.
    private var place = 0
    /// Whether the function has ever accepted a connection.
    private(set) var hasAccepted = false
    private lazy var idleTimer = LoopTimer(owner: self)

    init(_ address: UpstreamAddress, loop: EventLoop) {
        self.address = address
        self.loop = loop
    }

    /// A connection for a call, which becomes its user. It may still be connecting.
    /// - Parameter isFresh: whether it must not have been used before.
    func take(for call: UpstreamCall, isFresh: Bool) throws(SystemError) -> UpstreamSocket {
        if !isFresh, let socket = idle.popLast() {
            socket.user = call
            return socket
        }
        let socket = UpstreamSocket(try connect(), pool: self)
        socket.user = call
        loop.watch(socket.descriptor, for: [.readable, .writable, .peerClosed, .edgeTriggered], socket)
        return socket
    }

    private func connect() throws(SystemError) -> Int32 {
        do {
            return try address.places[place].connect()
        } catch {
            guard address.places.count > 1 else { throw error }
            place = (place + 1) % address.places.count
            return try address.places[place].connect()
        }
    }

    func accepted() {
        hasAccepted = true
    }

    /// Another place of the address may be the right one.
    func refused() {
        place = (place + 1) % address.places.count
    }

    /// A connection whose last answer is complete.
    func giveBack(_ socket: UpstreamSocket) {
        socket.user = nil
        socket.isReused = true
        guard idle.count < Limits.idleUpstreams else { return drop(socket) }
        idle.append(socket)
        if !idleTimer.isArmed { loop.arm(idleTimer, after: Limits.upstreamIdle) }
        idleSinceSweep = min(idleSinceSweep, idle.count - 1)
    }

    /// Closes a connection.
    func drop(_ socket: UpstreamSocket) {
        socket.user = nil
        if let index = idle.lastIndex(where: { $0 === socket }) {
            idle.remove(at: index)
            idleSinceSweep = min(idleSinceSweep, index)
        }
        loop.closeDescriptor(socket.descriptor)
    }

    /// As many connections, the longest idle ones, have not been used since the last sweep.
    private var idleSinceSweep = 0

    func timerFired(_ timer: LoopTimer) {
        let stale = idle.prefix(idleSinceSweep)
        for socket in stale { loop.closeDescriptor(socket.descriptor) }
        idle.removeFirst(stale.count)
        idleSinceSweep = idle.count
        if !idle.isEmpty { loop.arm(idleTimer, after: Limits.upstreamIdle) }
    }

    /// Whether the function accepts a connection right now. It is on this machine, so that the kernel knows at once.
    func probe() -> Bool {
        if !idle.isEmpty { return true }
        guard let descriptor = try? connect() else { return false }
        defer { close(descriptor) }
        var poll = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        let isWritable = Glibc.poll(&poll, 1, 0) > 0 && Int32(poll.revents) & (POLLERR | POLLHUP) == 0
        if !isWritable { refused() }
        return isWritable
    }
}
