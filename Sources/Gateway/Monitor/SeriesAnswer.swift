import OpenFaaSAPI

/// `GET /system/series`: columns of one function's samples. The same index is the same moment.
struct SeriesAnswer: Encodable {
    let name: String
    let namespace: String
    /// Seconds between two samples; more lie between where nobody looked.
    let stepSeconds: Int
    /// When, seconds since 1970.
    let time: [Int]
    /// Calls a second.
    let rate: [Float]
    /// Calls a second that ended with 500 or more.
    let errors: [Float]
    /// Seconds.
    let p50: [Float]
    let p95: [Float]
    let p99: [Float]
    let inFlight: [Int32]
    /// Thousandths of a core, and bytes; null where it was not measured.
    let cpu: [Float?]
    let memoryBytes: [Float?]

    private static let quiet = CallSample(rate: 0, errors: 0, p50: 0, p95: 0, p99: 0, inFlight: 0)

    init(name: FunctionName, timeline: Timeline, series: FunctionSeries?) {
        self.name = name.name
        namespace = name.namespace
        stepSeconds = timeline.step
        time = timeline.times
        var byTick: [Int: FunctionSeries.Point] = [:]
        for point in series?.points ?? [] { byTick[point.tick] = point }
        let points = timeline.times.indices.map { byTick[timeline.firstTick + $0] }
        let samples = points.map { $0?.sample ?? Self.quiet }
        rate = samples.map(\.rate)
        errors = samples.map(\.errors)
        p50 = samples.map(\.p50)
        p95 = samples.map(\.p95)
        p99 = samples.map(\.p99)
        inFlight = samples.map(\.inFlight)
        cpu = points.map { $0?.usage?.cpu }
        memoryBytes = points.map { $0?.usage?.memory }
    }
}
