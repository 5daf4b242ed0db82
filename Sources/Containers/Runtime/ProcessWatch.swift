import Glibc

/// Tells when a process that is not our child has ended.
///
/// A process is known by its number and its start time, so that a number given anew is not taken for it.
struct ProcessWatch: Sendable {
    private let path: String
    private let startTime: String?

    init(pid: Int32, procRoot: String) {
        path = "\(procRoot)/\(pid)/stat"
        startTime = Self.runningStartTime(path)
    }

    var hasEnded: Bool {
        guard let startTime else { return true }
        return Self.runningStartTime(path) != startTime
    }

    /// Waits for the end of the process.
    ///
    /// - Returns: Whether it has ended within the time.
    func waitForEnd(_ limit: Duration) async throws -> Bool {
        let clock = ContinuousClock()
        let deadline = clock.now.advanced(by: limit)
        var pause = Duration.milliseconds(2)
        while !hasEnded {
            guard clock.now < deadline else { return false }
            try await clock.sleep(for: min(pause, clock.now.duration(to: deadline)))
            pause = min(pause * 2, .milliseconds(50))
        }
        return true
    }

    /// Field 22 of /proc/PID/stat; nil when there is no such process, or it has ended and waits to be reaped.
    ///
    /// The command's name in field 2 may hold anything, so fields are counted from the last parenthesis.
    private static func runningStartTime(_ path: String) -> String? {
        guard let text = SmallFile.read(path), let end = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ")
        guard fields.count > 19, fields[0] != "Z", fields[0] != "X" else { return nil }
        return String(fields[19])
    }
}
