/// The last samples of one function. Quiet moments take no room, so that a function nobody calls costs nothing.
struct FunctionSeries: Sendable {
    /// What replicas used at one moment.
    struct Usage: Sendable, Equatable {
        /// Thousandths of a core.
        var cpu: Float
        /// Bytes.
        var memory: Float
    }

    /// One moment.
    struct Point: Sendable {
        /// The number of the moment on its ``Timeline``.
        let tick: Int
        let sample: CallSample
        let usage: Usage?
    }

    /// Points in the order of their ticks, as many as the timeline has at most.
    private(set) var points: [Point] = []

    /// Adds the newest point, and drops what is older than the timeline.
    mutating func append(_ point: Point, oldest: Int) {
        guard !point.sample.isQuiet || point.usage != nil else { return }
        if points.first.map({ $0.tick < oldest }) ?? false { points.removeAll { $0.tick < oldest } }
        points.append(point)
    }
}

/// The moments at which samples were taken, which are the same for all functions.
struct Timeline: Sendable {
    /// Seconds between two.
    let step: Int
    /// How many are kept.
    let capacity: Int
    /// The number of the first that is kept.
    private(set) var firstTick = 0
    /// When they were, seconds since 1970, the oldest first.
    private(set) var times: [Int] = []

    init(step: Int, capacity: Int) {
        self.step = step
        self.capacity = capacity
    }

    /// Adds the newest moment, and forgets the oldest when there are too many.
    ///
    /// - Returns: its number.
    mutating func append(_ time: Int) -> Int {
        times.append(time)
        if times.count > capacity {
            times.removeFirst()
            firstTick += 1
        }
        return firstTick + times.count - 1
    }
}

/// What is known of one function over time.
struct FunctionHistory: Sendable {
    var fine = FunctionSeries()
    var coarse = FunctionSeries()
    /// The counts at the last sample of each kind.
    var fineTotals: CallTotals
    var coarseTotals: CallTotals
    /// When a call was last seen to begin or end, seconds since 1970.
    var lastCall: Int?
}
