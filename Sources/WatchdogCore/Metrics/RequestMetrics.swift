/// Counts and durations of the function's requests, with the names and labels of OpenFaaS's watchdogs.
final class RequestMetrics {
    /// The `method` label. What is not listed is `unknown`, so that clients cannot make up labels.
    struct Method: Hashable {
        fileprivate let index: Int

        fileprivate static let names: [StaticString] = [
            "GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "CONNECT", "TRACE", "NOTIFY",
        ]

        init(_ method: UnsafeRawBufferPointer) {
            index = Self.names.firstIndex { method.equals($0) } ?? Self.names.count
        }

        fileprivate var label: String {
            index < Self.names.count ? Self.names[index].description.lowercased() : "unknown"
        }
    }

    private struct Key: Hashable {
        let method: Method
        let status: Int
    }

    private struct Series {
        let key: Key
        var count = 0
        var seconds = 0.0
        /// Requests that took no longer than the bound with the same index, and longer than the one before.
        var buckets = [Int](repeating: 0, count: RequestMetrics.bounds.count)
    }

    /// Upper bounds of the histogram in microseconds, with their labels.
    private static let bounds: [(microseconds: Int64, label: StaticString)] = [
        (5000, "0.005"), (10_000, "0.01"), (25_000, "0.025"), (50_000, "0.05"), (100_000, "0.1"), (250_000, "0.25"),
        (500_000, "0.5"), (1_000_000, "1"), (2_500_000, "2.5"), (5_000_000, "5"), (10_000_000, "10"),
    ]

    /// Statuses are three digits, so there are only so many series.
    private var series: [Series] = []
    private var places: [Key: Int] = [:]
    /// The one of the last request: that of the next, most of the time.
    private var last = 0

    func add(_ request: RequestCount, duration: TimeSpan) {
        let key = Key(method: request.method, status: request.status)
        let microseconds = duration.nanoseconds / 1000
        let place = place(of: key)
        series[place].count += 1
        series[place].seconds += Double(microseconds) / 1_000_000
        guard let bucket = Self.bounds.firstIndex(where: { microseconds <= $0.microseconds }) else { return }
        series[place].buckets[bucket] += 1
    }

    private func place(of key: Key) -> Int {
        if last < series.count, series[last].key == key { return last }
        if let known = places[key] {
            last = known
        } else {
            last = series.count
            places[key] = last
            series.append(Series(key: key))
        }
        return last
    }

    /// The page in Prometheus's text format.
    func page(inflight: Int) -> String {
        var page = """
            # HELP http_requests_in_flight Current number of requests being served.
            # TYPE http_requests_in_flight gauge
            http_requests_in_flight \(inflight)

            """
        guard !series.isEmpty else { return page }
        let rows = series.map { (labels: Self.labels($0.key), row: $0) }.sorted { $0.labels < $1.labels }
        page += """
            # HELP http_requests_total Total number of requests.
            # TYPE http_requests_total counter

            """
        for (labels, row) in rows { page += "http_requests_total{\(labels)} \(row.count)\n" }
        page += """
            # HELP http_request_duration_seconds Seconds spent serving HTTP requests.
            # TYPE http_request_duration_seconds histogram

            """
        for (labels, row) in rows { page += Self.histogram(labels, row) }
        return page
    }

    private static func labels(_ key: Key) -> String { "code=\"\(key.status)\",method=\"\(key.method.label)\"" }

    private static func histogram(_ labels: String, _ row: Series) -> String {
        let name = "http_request_duration_seconds"
        var text = ""
        var sum = 0
        for (bound, count) in zip(bounds, row.buckets) {
            sum += count
            text += "\(name)_bucket{\(labels),le=\"\(bound.label)\"} \(sum)\n"
        }
        text += "\(name)_bucket{\(labels),le=\"+Inf\"} \(row.count)\n"
        text += "\(name)_sum{\(labels)} \(seconds(row.seconds))\n"
        return text + "\(name)_count{\(labels)} \(row.count)\n"
    }

    /// Six decimals; printing a Double as it is would bring code for it that is larger than the rest of this.
    private static func seconds(_ value: Double) -> String {
        let microseconds = Int((value * 1_000_000).rounded())
        return "\(microseconds / 1_000_000)." + String(microseconds % 1_000_000 + 1_000_000).dropFirst()
    }
}
