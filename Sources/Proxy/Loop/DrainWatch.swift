import NIOCore

/// How far the other side of a connection has come with what we send.
struct SentMark: Equatable {
    /// Bytes that the kernel has not taken yet.
    var pending = 0
    /// Bytes that the other side has confirmed (TCP only).
    var confirmed: UInt64 = 0

    func isAhead(of earlier: SentMark) -> Bool {
        confirmed > earlier.confirmed || pending < earlier.pending
    }
}

/// Tells a side that takes bytes slowly from one that takes none.
///
/// A channel says only that it takes no more, and later that it takes more again. Between the two, minutes may pass with
/// a slow client that reads all the time, because the kernel's buffer holds megabytes. So the watch looks at what was
/// taken, eight times within the limit.
struct DrainWatch {
    /// What was seen last. Nothing at first: a channel takes no more so often that looking each time would cost.
    private var mark: SentMark?
    /// When bytes were last seen to be taken.
    private var since: NIODeadline

    /// To be made when the channel takes no more.
    init(now: NIODeadline = .uptimeNanoseconds(0)) {
        since = now
    }

    /// When to look.
    func nextLook(_ now: NIODeadline, limit: TimeAmount) -> NIODeadline {
        min(since + limit, now + max(.nanoseconds(limit.nanoseconds / 8), LoopSettings.tick))
    }

    /// Looks. The first look only takes the measure, and counts from then.
    ///
    /// - Returns: false when nothing was taken for as long as `limit`.
    mutating func look(_ seen: SentMark, now: NIODeadline, limit: TimeAmount) -> Bool {
        if mark.map({ seen.isAhead(of: $0) }) ?? true { since = now }
        mark = seen
        return now - since < limit
    }
}

extension Channel {
    /// To be called on the channel's loop.
    func sentMark() -> SentMark {
        var mark = SentMark()
        mark.pending = (try? syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
        guard let provider = self as? any SocketOptionProvider else { return mark }
        let status: EventLoopFuture<TCPStatus> = provider.unsafeGetSocketOption(
            level: .tcp, name: .init(rawValue: TCPStatus.option))
        // On the channel's own loop the answer is there at once; other sockets than TCP's have none.
        status.assumeIsolated().whenSuccess { mark.confirmed = $0.confirmedBytes }
        return mark
    }
}

/// The front of Linux's `struct tcp_info` (linux/tcp.h), as far as `tcpi_bytes_acked`, 120 bytes behind its start.
/// Kernels before 4.1 leave that at 0. The C library's own declaration ends before it.
private struct TCPStatus: Sendable {
    /// `TCP_INFO`
    static let option: CInt = 11

    private var front: (UInt64, UInt64, UInt64, UInt64, UInt64)
    private var middle: (UInt64, UInt64, UInt64, UInt64, UInt64)
    private var back: (UInt64, UInt64, UInt64, UInt64, UInt64)
    var confirmedBytes: UInt64
}
