import OpenFaaSAPI
import Proxy

/// How often each function was called, as the proxy counts it.
struct CallCounts: Sendable {
    /// The counts of one moment.
    struct Counts: Sendable {
        fileprivate let answered: [String: UInt64]

        /// The status with its number of calls.
        func add(to status: FunctionStatus) -> FunctionStatus {
            var status = status
            status.invocationCount = Double(answered["\(status.name).\(status.namespace)"] ?? 0)
            return status
        }
    }

    let counters: @Sendable () async -> [FunctionCounters]

    func all() async -> Counts {
        Counts(
            answered: Dictionary(
                await counters().map { ("\($0.name)", $0.ended.values.reduce(0) { $0 + $1.count }) },
                uniquingKeysWith: +))
    }
}
