import NIOCore

/// The lines of one event loop that were not handed over yet.
struct AccessLog {
    /// More bytes than these are handed over at once; fewer at the next tick.
    static let handOverBytes = 32 * 1024

    /// How a request ended.
    struct End {
        /// 499 where the client was gone.
        var status: Int
        /// Bytes of the bodies.
        var bytesIn = 0
        var bytesOut = 0
        var replica: ReplicaEndpoint?
        var limit: Limit?
    }

    private let sink: any AccessLogSink
    private var lines = ByteBuffer()
    /// What was handed over last: about as much will come together again.
    private var lastBytes = 0
    private var clock = TimestampWriter()

    init(sink: any AccessLogSink) {
        self.sink = sink
    }

    /// A request has begun.
    ///
    /// - Parameters:
    ///   - head: `nil` when it could not be understood.
    ///   - bytes: what the head was found in.
    ///   - time: nanoseconds since 1970.
    mutating func begin(
        _ record: AccessRecord, head: RequestHead?, bytes: Bytes, peer: [UInt8], time: UInt64, now: NIODeadline
    ) {
        record.begin(head, bytes, peer: peer, time: time, clock: &clock, now: now)
    }

    /// A request has ended.
    mutating func end(_ record: AccessRecord, _ end: End, now: NIODeadline) {
        if lines.capacity == 0 { lines.reserveCapacity(lastBytes) }
        record.writeLine(to: &lines, end, now: now)
        if lines.readableBytes > Self.handOverBytes { handOver() }
    }

    /// Gives the sink what there is.
    mutating func handOver() {
        guard lines.readableBytes > 0 else { return }
        sink.write(lines)
        lastBytes = lines.readableBytes
        lines = ByteBuffer()
    }
}
