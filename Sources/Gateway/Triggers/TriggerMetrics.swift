import OpenFaaSAPI
import Queue

/// Triggers in `/metrics`. The topics are those that deployed functions name, and so are bounded.
struct TriggerMetrics {
    let desk: TriggerDesk

    func write(to page: inout Exposition) {
        let lines = desk.lines.filter { $0.source != nil }
        let families: [(String, String, (TriggerLine.Counts) -> UInt64)] = [
            ("faasd_trigger_deliveries_total", "Events that became asynchronous calls", { $0.delivered }),
            ("faasd_trigger_repeats_total", "Events that had become calls before", { $0.repeated }),
            ("faasd_trigger_errors_total", "Events that did not become calls, and are tried again", { $0.failed }),
            ("faasd_trigger_missed_total", "Runs left out because their time had passed", { $0.missed }),
            (
                "faasd_trigger_overlaps_total", "Runs left out because the one before had not ended",
                { $0.overlapped }
            ),
        ]
        for (name, help, value) in families {
            page.family(name, .counter, help: help)
            for line in lines { page.series(name, Self.labels(line), Double(value(line.counts))) }
        }
        page.family(
            "faasd_trigger_next_run_timestamp_seconds", .gauge, help: "When the function runs next by the clock")
        for line in lines {
            guard let next = line.nextRun else { continue }
            page.series("faasd_trigger_next_run_timestamp_seconds", Self.labels(line), Double(next) / 1000)
        }
    }

    private static func labels(_ line: TriggerLine) -> [(String, String)] {
        [("source", line.source ?? ""), ("topic", line.topic), ("function_name", "\(line.function)")]
    }
}
