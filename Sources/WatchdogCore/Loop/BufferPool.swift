/// Buffers for all connections. A few are kept, so that steady traffic allocates nothing and an idle watchdog holds
/// next to nothing.
final class BufferPool {
    private var spare: [Buffer] = []
    private var oversize = 0

    func take() -> Buffer {
        spare.popLast() ?? Buffer(capacity: Limits.buffer)
    }

    func giveBack(_ buffer: Buffer) {
        guard buffer.capacity == Limits.buffer else {
            oversize -= buffer.capacity
            return
        }
        buffer.clear()
        if spare.count < Limits.spareBuffers { spare.append(buffer) }
    }

    /// A buffer of twice the room with the same content, in exchange for the one given.
    /// - Returns: nil when the big buffers of all connections together have reached their bound.
    func grow(_ buffer: Buffer) -> Buffer? {
        let capacity = 2 * buffer.capacity
        guard oversize + capacity <= Limits.oversizeHeads else { return nil }
        oversize += capacity
        let bigger = Buffer(capacity: capacity)
        bigger.append(buffer.readable)
        giveBack(buffer)
        return bigger
    }
}
