import Containers
import Foundation

/// Follows a service that is being restarted until it works, or shows that it does not.
struct HealthWatch: Sendable {
    /// What systemd says of the service.
    struct State: Sendable {
        /// 0 when there is none.
        let process: Int32
        let isActive: Bool
        let restarts: Int
    }

    /// How often it may end by itself before it is given up.
    static let patience = 3
    /// How long it must answer on end.
    static let trial = Duration.seconds(2)
    /// The daemon before lets its calls end; see `TimeoutStopSec` in its unit.
    static let drain = Duration.seconds(90)

    let systemctl: Systemctl
    /// The program that must run.
    let binary: String
    let probe: HealthProbe
    let limit: Duration

    func state() async throws -> State {
        let shown = try await systemctl.show(HostPaths.unit, ["MainPID", "ActiveState", "NRestarts"])
        return State(
            process: shown["MainPID"].flatMap { Int32($0) } ?? 0, isActive: shown["ActiveState"] == "active",
            restarts: shown["NRestarts"].flatMap { Int($0) } ?? 0)
    }

    /// Waits.
    ///
    /// - Parameter old: the process that must go first; `nil` for none.
    /// - Returns: what is wrong; `nil` when it works.
    func wait(replacing old: Int32?) async throws -> String? {
        if let old, old > 0 {
            let end = ContinuousClock.now + Self.drain
            while try await state().process == old {
                guard .now < end else { return "the old version does not end" }
                try await Task.sleep(for: .milliseconds(50))
            }
        }
        let end = ContinuousClock.now + limit
        var fewestRestarts = Int.max
        var good: (process: Int32, since: ContinuousClock.Instant)?
        while .now < end {
            let state = try await state()
            fewestRestarts = min(fewestRestarts, state.restarts)
            if state.restarts - fewestRestarts >= Self.patience {
                return "it ended \(Self.patience) times just after its start"
            }
            if state.isActive, state.process != old, isOurs(state.process), await probe.answers() {
                if let good, good.process == state.process {
                    if good.since.duration(to: .now) >= Self.trial { return nil }
                } else {
                    good = (state.process, .now)
                }
            } else {
                good = nil
            }
            try await Task.sleep(for: .milliseconds(200))
        }
        return "it did not answer within \(limit)"
    }

    /// Whether the process runs the program that is in its place now.
    private func isOurs(_ process: Int32) -> Bool {
        (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(process)/exe")) == binary
    }
}
