import Foundation

/// The time, and waiting for it.
public struct QueueClock: Sendable {
    /// Milliseconds since 1970.
    public let now: @Sendable () -> Int64
    /// Returns at a time, in milliseconds since 1970, or when its task is cancelled.
    public let sleep: @Sendable (_ until: Int64) async -> Void

    /// Makes a clock.
    public init(now: @escaping @Sendable () -> Int64, sleep: @escaping @Sendable (_ until: Int64) async -> Void) {
        self.now = now
        self.sleep = sleep
    }

    /// The machine's.
    public static let system: QueueClock = {
        let now: @Sendable () -> Int64 = {
            var time = timespec()
            clock_gettime(CLOCK_REALTIME, &time)
            return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
        }
        return QueueClock(now: now) { until in
            // Cut short by cancellation only, which is no failure here.
            try? await Task.sleep(for: .milliseconds(max(0, until - now())))
        }
    }()
}
