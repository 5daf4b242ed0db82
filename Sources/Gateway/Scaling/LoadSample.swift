import OpenFaaSAPI

/// What was seen of one function at a moment.
struct LoadSample: Sendable, Equatable {
    /// Since the autoscaler began.
    var time: Duration
    /// Calls that were taken so far.
    var started: UInt64
    /// Calls that run or wait.
    var inFlight: Int
    /// CPU time of each replica so far, in seconds, by the replica's id; `nil` where nobody measures it.
    var cpuSeconds: [String: Double]?
}

/// The samples of the last seconds, and what they say of the load.
struct LoadWindow: Sendable {
    /// Long enough to be more than a chance, short enough to answer a burst.
    static let length = Duration.seconds(5)
    /// Over less time a few calls that come together would look like many a second.
    static let shortest = Duration.seconds(2)

    private(set) var samples: [LoadSample] = []

    /// Takes a sample. One whose counts are below those before it is of other counters, so that nothing can be said of
    /// the time between.
    mutating func add(_ sample: LoadSample) {
        if let last = samples.last, sample.started < last.started || sample.time <= last.time { samples = [] }
        samples.append(sample)
        // The one before the window is the window's beginning.
        while samples.count > 2, samples[1].time <= sample.time - Self.length { samples.removeFirst() }
    }

    /// The load by a measure; `nil` before there are samples of ``shortest``, or where it is not measured.
    func load(_ kind: ScaleSettings.Kind) -> Double? {
        guard let first = samples.first, let last = samples.last, last.time - first.time >= Self.shortest else {
            return nil
        }
        let seconds = (last.time - first.time) / .seconds(1)
        switch kind {
        case .rps: return Double(last.started - first.started) / seconds
        case .capacity: return Double(samples.dropFirst().reduce(0) { $0 + $1.inFlight }) / Double(samples.count - 1)
        case .cpu: return thousandths(seconds)
        }
    }

    /// A replica that came or went between two samples counts with nothing: its time belongs to no interval.
    private func thousandths(_ seconds: Double) -> Double? {
        var used = 0.0
        for (earlier, later) in zip(samples, samples.dropFirst()) {
            guard let before = earlier.cpuSeconds, let after = later.cpuSeconds else { return nil }
            for (replica, time) in after { used += max(0, time - (before[replica] ?? time)) }
        }
        return used / seconds * 1000
    }
}
