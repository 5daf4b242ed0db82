/// Reads lines in batches, one for each time it is asked.
///
/// It has a queue of its own, because the stores are read by calls that wait for the disk: the threads that tasks
/// share must not. Between two looks for new lines no thread is held.
actor LogPump {
    /// How long new lines may wait to be seen.
    static let interval: Duration = .milliseconds(200)
    private static let batchCount = 256
    private static let batchBytes = 256 << 10

    private let queue = QueueExecutor(label: "log-reader")
    private let query: LogQuery
    private let directory: String
    private let journal: JournalLocation?
    private var merge: LogMerge?
    private var isFinished = false

    nonisolated var unownedExecutor: UnownedSerialExecutor { queue.asUnownedSerialExecutor() }

    init(query: LogQuery, directory: String, journal: JournalLocation?) {
        self.query = query
        self.directory = directory
        self.journal = journal
    }

    /// The next lines. Empty at the end, or when the task is cancelled; from then on nothing is open any more.
    func nextBatch() async -> [LogEntry] {
        while !isFinished, !Task.isCancelled {
            let batch = read()
            if !batch.isEmpty { return batch }
            guard query.follow else { break }
            do { try await Task.sleep(for: Self.interval) } catch { break }
        }
        isFinished = true
        merge = nil
        return []
    }

    private func read() -> [LogEntry] {
        var merge = self.merge ?? LogMerge(query: query, directory: directory, journal: journal)
        merge.refresh()
        var batch: [LogEntry] = []
        var bytes = 0
        while batch.count < Self.batchCount, bytes < Self.batchBytes, let entry = merge.next() {
            bytes += entry.line.text.utf8.count
            batch.append(entry)
        }
        self.merge = merge
        return batch
    }
}
