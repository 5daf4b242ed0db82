import HTTPTypes
import Hummingbird
import Proxy
import Synchronization

/// Counts and times the requests of the control plane (`http_requests_total`, docs "metrics").
final class RequestMeter: Sendable {
    /// Upper bounds of the duration buckets in seconds.
    static let bounds = FunctionCounters.bucketBounds

    struct Key: Hashable {
        let method: String
        let path: String
        let status: Int
    }

    struct Series {
        var buckets = [UInt64](repeating: 0, count: RequestMeter.bounds.count + 1)
        var seconds = 0.0
    }

    private let series = Mutex<[Key: Series]>([:])

    func record(method: String, path: String, status: Int, duration: Duration) {
        let seconds = duration / .seconds(1)
        let bucket = Self.bounds.firstIndex { seconds <= $0 } ?? Self.bounds.count
        series.withLock {
            let key = Key(method: method, path: path, status: status)
            $0[key, default: Series()].buckets[bucket] += 1
            $0[key, default: Series()].seconds += seconds
        }
    }

    var all: [(key: Key, series: Series)] {
        series.withLock { $0.map { (key: $0.key, series: $0.value) } }
            .sorted { ($0.key.path, $0.key.method, $0.key.status) < ($1.key.path, $1.key.method, $1.key.status) }
    }
}

/// Measures every request that passes.
struct MeterRequests: RouterMiddleware {
    let meter: RequestMeter

    func handle(
        _ request: Request, context: ControlContext,
        next: (Request, ControlContext) async throws -> Response
    ) async throws -> Response {
        let start = ContinuousClock.now
        let response = try await next(request, context)
        // The route's pattern, not the path: names in it would be series without end.
        let path = context.endpointPath ?? "other"
        meter.record(
            method: request.method.rawValue, path: path, status: response.status.code,
            duration: start.duration(to: .now))
        return response
    }
}
