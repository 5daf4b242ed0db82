import OpenFaaSAPI

/// `GET /system/overview`, and what `GET /system/events` begins with: every function of every namespace.
struct Overview: Encodable {
    /// Seconds since 1970.
    let time: Int
    /// The gateway's version.
    let version: String
    let functions: [FunctionSummary]
    /// The last sample of those that are called, by `NAME.NAMESPACE`.
    let samples: [String: SampleAnswer]
}

/// One function in short.
struct FunctionSummary: Encodable, Equatable {
    let name: String
    let namespace: String
    let image: String
    let replicas: UInt64
    let availableReplicas: UInt64
    /// The word for how it does: ``FunctionCondition``.
    let state: String
    /// The sentence for it.
    let reason: String
    let createdAt: String

    init(_ status: FunctionStatus) {
        name = status.name
        namespace = status.namespace
        image = status.image
        replicas = status.replicas
        availableReplicas = status.availableReplicas
        let condition = FunctionCondition(status)
        state = condition.state.rawValue
        reason = condition.reason
        createdAt = status.createdAt
    }
}

/// A sample as the API has it.
struct SampleAnswer: Encodable {
    let rate: Float
    let errors: Float
    let p50: Float
    let p95: Float
    let p99: Float
    let inFlight: Int32
    /// Calls since the gateway's start.
    let calls: UInt64
    /// When a call was last seen, seconds since 1970; absent when none was since somebody looks.
    let lastCall: Int?
    let cpu: Float?
    let memoryBytes: Float?

    init(_ sample: CallSample, calls: UInt64, lastCall: Int?, usage: FunctionSeries.Usage? = nil) {
        rate = sample.rate
        errors = sample.errors
        p50 = sample.p50
        p95 = sample.p95
        p99 = sample.p99
        inFlight = sample.inFlight
        self.calls = calls
        self.lastCall = lastCall
        cpu = usage?.cpu
        memoryBytes = usage?.memory
    }
}

/// One `samples` event.
struct SamplesEvent: Encodable {
    let time: Int
    let samples: [String: SampleAnswer]
}

/// One `gone` event.
struct GoneEvent: Encodable {
    let name: String
    let namespace: String
}
