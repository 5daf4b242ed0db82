import CSystemd

/// Tells systemd how the daemon is (sd_notify(3)); without systemd every call does nothing.
struct SystemdNotifier: Sendable {
    /// The daemon serves.
    func ready(status: String) {
        send("READY=1\nSTATUS=\(status)")
    }

    /// The daemon is ending.
    func stopping() {
        send("STOPPING=1")
    }

    /// Says again and again that the daemon lives, as often as the unit's `WatchdogSec` asks for it.
    ///
    /// Returns at once when the unit does not ask.
    ///
    /// - Parameter check: returns when the parts that do the work have answered. While it does not, nothing is said, and
    ///   after `WatchdogSec` systemd replaces the process.
    func keepAlive(_ check: @Sendable () async -> Void) async {
        var microseconds: UInt64 = 0
        guard sd_watchdog_enabled(0, &microseconds) > 0 else { return }
        while !Task.isCancelled {
            await check()
            send("WATCHDOG=1")
            // Half the time is systemd's own advice (sd_watchdog_enabled(3)).
            try? await Task.sleep(for: .microseconds(Int64(microseconds / 2)))
        }
    }

    private func send(_ state: String) {
        // The variable stays set, so that later messages find their way too.
        _ = sd_notify(0, state)
    }
}
