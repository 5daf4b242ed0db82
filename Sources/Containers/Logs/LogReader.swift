/// Reads what ``LogCollector`` kept, from the journal and from the file store, as one sequence.
public struct LogReader: Sendable {
    private let directory: String
    private let journal: JournalLocation?

    /// Makes a reader. Nothing is opened before lines are asked for.
    ///
    /// - Parameters:
    ///   - directory: The root of the file store, as in ``LogOptions``.
    ///   - usesJournal: Whether the system's journal is read too, where there is one.
    public init(directory: String, usesJournal: Bool = true) {
        self.init(directory: directory, journal: usesJournal ? .system : nil)
    }

    init(directory: String, journal: JournalLocation?) {
        self.directory = directory
        self.journal = journal
    }

    /// The lines, oldest first; then, with `follow`, new ones as they come, until the consumer stops.
    ///
    /// A name that nothing was written under has no lines, which is not an error.
    ///
    /// - Throws: `invalidArgument` for a name that cannot be one.
    public func entries(_ query: LogQuery) throws(ContainersError) -> LogEntries {
        try query.check()
        return LogEntries(query: query, directory: directory, journal: journal)
    }

    /// The same for callers that may wait for the disk where they are.
    func merge(_ query: LogQuery) throws(ContainersError) -> LogMerge {
        try query.check()
        return LogMerge(query: query, directory: directory, journal: journal)
    }
}

/// Lines that are read from the stores when they are asked for, not before.
///
/// Each iteration reads anew. What it holds open is closed when it ends, when its task is cancelled, or when the
/// iterator goes away.
public struct LogEntries: AsyncSequence, Sendable {
    /// A line and who wrote it.
    public typealias Element = LogEntry
    /// A store that cannot be read has no lines; that is not an error.
    public typealias Failure = Never

    let query: LogQuery
    let directory: String
    let journal: JournalLocation?

    /// Begins to read.
    public func makeAsyncIterator() -> Iterator {
        Iterator(pump: LogPump(query: query, directory: directory, journal: journal))
    }

    /// One pass over the lines.
    public struct Iterator: AsyncIteratorProtocol {
        private let pump: LogPump
        private var batch: [LogEntry] = []
        private var position = 0

        init(pump: LogPump) {
            self.pump = pump
        }

        /// The next line; nil at the end, or when the task is cancelled.
        public mutating func next() async -> LogEntry? {
            await next(isolation: nil)
        }

        /// The next line; nil at the end, or when the task is cancelled.
        public mutating func next(isolation actor: isolated (any Actor)?) async -> LogEntry? {
            if position == batch.count {
                batch = await pump.nextBatch()
                position = 0
            }
            guard position < batch.count else { return nil }
            defer { position += 1 }
            return batch[position]
        }
    }
}
