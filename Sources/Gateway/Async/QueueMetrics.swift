import Queue

/// The queue in `/metrics`: where OpenFaaS's queue worker has a name for it, with that name (docs "metrics").
struct QueueMetrics {
    let queue: CallQueue

    func write(to page: inout Exposition) async {
        let counts = queue.counts()
        let backlogs = counts.backlogs.sorted { Self.name($0.key) < Self.name($1.key) }
        let families: [(String, Exposition.Kind, String, (QueueCounts.OfBacklog) -> Double)] = [
            ("queue_worker_pending_messages", .gauge, "Asynchronous calls that wait", { Double($0.waiting) }),
            (
                "queue_worker_function_invocation_inflight", .gauge, "Asynchronous calls that run",
                { Double($0.running) }
            ),
            (
                "queue_worker_messages_submitted_total", .counter, "Asynchronous calls that were taken",
                { Double($0.submitted) }
            ),
            (
                "queue_worker_retries_total", .counter, "Attempts that were followed by another",
                { Double($0.retried) }
            ),
        ]
        for (name, kind, help, value) in families {
            page.family(name, kind, help: help)
            for (backlog, counts) in backlogs { page.series(name, Self.labels(backlog), value(counts)) }
        }
        page.family("queue_worker_messages_processed_total", .counter, help: "Asynchronous calls that ended, by how")
        for (backlog, counts) in backlogs {
            for (state, count) in counts.ended.sorted(by: { $0.key.name < $1.key.name }) {
                page.series(
                    "queue_worker_messages_processed_total", Self.labels(backlog) + [("result", state.name)],
                    Double(count))
            }
        }
        await age(backlogs.map(\.key), to: &page)
        for (name, help, value) in [
            ("queue_worker_dead_messages", "Dead letters", counts.dead),
            ("queue_worker_pending_callbacks", "Callbacks that are not taken yet", counts.callbacks),
            (
                "queue_worker_stored_bytes", "Bytes of calls that are to run, and of results that are to be told",
                counts.bytes
            ),
        ] {
            page.family(name, .gauge, help: help)
            page.series(name, [], Double(value))
        }
    }

    /// Left out when the store cannot be read: no number is better than a wrong one.
    private func age(_ backlogs: [Backlog], to page: inout Exposition) async {
        guard let oldest = try? await queue.oldest() else { return }
        let name = "queue_worker_oldest_message_seconds"
        page.family(name, .gauge, help: "Age of the oldest asynchronous call that waits, in seconds")
        for backlog in backlogs {
            let age = oldest[backlog].map { Double(max(0, queue.now - $0)) / 1000 } ?? 0
            page.series(name, Self.labels(backlog), age)
        }
    }

    private static func name(_ backlog: Backlog) -> String { "\(backlog.queue) \(backlog.function)" }

    private static func labels(_ backlog: Backlog) -> [(String, String)] {
        [("queue_name", backlog.queue), ("function_name", "\(backlog.function)")]
    }
}
