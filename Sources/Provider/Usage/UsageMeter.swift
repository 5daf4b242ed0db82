import Containers
import OpenFaaSAPI

/// Measures what replicas use. CPU is a difference of two readings, so the last one of each replica is kept.
struct UsageMeter: Sendable {
    /// One reading of a replica's counters.
    struct Reading: Sendable, Equatable {
        let time: ContinuousClock.Instant
        let cpuNanoseconds: UInt64
        let memoryBytes: UInt64
        var outOfMemoryKills: UInt64 = 0
    }

    /// A difference over less time than this says little.
    static let shortestSpan = Duration.milliseconds(500)
    /// And one over more time than this says nothing of now.
    static let longestSpan = Duration.seconds(60)
    /// How long to wait for a second reading where there is no usable first one.
    static let wait = Duration.milliseconds(100)

    private var last: [String: Reading] = [:]

    /// Whether there is a first reading that is good for a difference with now.
    func hasReading(_ replica: String, now: ContinuousClock.Instant) -> Bool {
        guard let reading = last[replica] else { return false }
        return (Self.shortestSpan...Self.longestSpan).contains(reading.time.duration(to: now))
    }

    /// Keeps a reading as the first of two.
    mutating func begin(_ replica: String, _ reading: Reading) {
        last[replica] = reading
    }

    /// Takes the second reading.
    ///
    /// - Returns: thousandths of a core since the first.
    mutating func end(_ replica: String, _ reading: Reading) -> Double {
        defer { last[replica] = reading }
        guard let first = last[replica], reading.time > first.time, reading.cpuNanoseconds >= first.cpuNanoseconds
        else { return 0 }
        let span = first.time.duration(to: reading.time) / .nanoseconds(1)
        return Double(reading.cpuNanoseconds - first.cpuNanoseconds) / span * 1000
    }

    /// Forgets replicas that are gone.
    mutating func keepOnly(_ replicas: Set<String>) {
        last = last.filter { replicas.contains($0.key) }
    }

    /// Reads a process's control group; `nil` when it has ended.
    static func read(pid: Int32) -> Reading? {
        guard let usage = try? Cgroup.locate(pid: pid).usage() else { return nil }
        return Reading(
            time: .now, cpuNanoseconds: usage.cpuNanoseconds, memoryBytes: usage.memoryBytes,
            outOfMemoryKills: usage.outOfMemoryKills)
    }
}
