import OpenFaaSAPI
import Queue

/// A topic of a function as `GET /system/triggers` shows it. Times are RFC 3339 in UTC.
struct TriggerStatus: Encodable {
    let function: String
    let namespace: String
    let topic: String
    let source: String?
    let schedule: String?
    let timezone: String?
    let missed: String?
    let overlap: String?
    let nextRunAt: String?
    let lastRunAt: String?
    let lastCallId: String?
    let lastError: String?
    let delivered: UInt64

    init(_ line: TriggerLine) {
        function = line.function.name
        namespace = line.function.namespace
        topic = line.topic
        source = line.source
        schedule = line.cron?.text
        timezone = line.cron?.zone
        missed = line.cron?.missed.rawValue
        overlap = line.cron?.overlap.rawValue
        nextRunAt = line.nextRun.map(TimeText.of)
        lastRunAt = line.lastRun.map(TimeText.of)
        lastCallId = line.lastCall
        lastError = line.lastError
        delivered = line.counts.delivered
    }
}
