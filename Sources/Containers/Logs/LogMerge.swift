/// All sources of one query as one, in the order of time.
///
/// Where both stores have lines, because the journal refused them for a time, both are found. Of each source only
/// the time of its next piece is kept in memory, so the number of containers costs little.
struct LogMerge {
    private let query: LogQuery
    private let files: LogFolder
    private var sources: [any LogSource] = []
    private var containers: Set<String> = []
    private var joiner = LogJoiner()
    private var joined: [LogEntry] = []

    /// Opens what there is. It reads from disk.
    init(query: LogQuery, directory: String, journal: JournalLocation?) {
        self.query = query
        files = LogFolder(
            path: LogFile.directory(root: directory, namespace: query.namespace, name: query.name),
            instance: query.instance)
        if let journal, let source = JournalSource(journal, query: query) { sources.append(source) }
        sources += newContainers()
        if let tail = query.tail {
            seek(tail: min(max(0, tail), LogQuery.maximumTail))
        } else {
            for source in sources { source.seekStart(since: query.since) }
        }
    }

    /// The next line; nil when there is none for now, which is for ever unless the query follows.
    mutating func next() -> LogEntry? {
        while joined.isEmpty, let source = earliest(), let piece = source.take() {
            joined = joiner.add(piece)
        }
        if joined.isEmpty, !query.follow { joined = joiner.finish() }
        return joined.isEmpty ? nil : joined.removeFirst()
    }

    /// Looks again for new lines and new containers, when the query follows.
    mutating func refresh() {
        guard query.follow else { return }
        for source in sources { source.refresh() }
        sources.removeAll { source in
            guard source.isFinished else { return false }
            if let source = source as? FileSource { containers.remove(source.id) }
            return true
        }
        for source in newContainers() {
            source.seekStart(since: query.since)
            sources.append(source)
        }
    }

    private mutating func newContainers() -> [FileSource] {
        files.containers(besides: containers).compactMap { id in
            guard let source = FileSource(LogFileSet(directory: files.path, id: id), follows: query.follow) else {
                return nil
            }
            containers.insert(id)
            return source
        }
    }

    /// Goes back from the end, always to the newest line that is left, so that no more is read than what is wanted.
    private func seek(tail: Int) {
        for source in sources { source.seekEnd() }
        for _ in 0..<tail {
            guard let source = latest() else { return }
            source.stepBack()
        }
    }

    private func latest() -> (any LogSource)? {
        var found: (source: any LogSource, time: LogTime)?
        for source in sources {
            guard let time = source.previousTime(), found.map({ $0.time < time }) ?? true else { continue }
            if let since = query.since, time < since { continue }
            found = (source, time)
        }
        return found?.source
    }

    private func earliest() -> (any LogSource)? {
        var found: (source: any LogSource, time: LogTime)?
        for source in sources {
            guard let time = source.nextTime(), found.map({ time < $0.time }) ?? true else { continue }
            found = (source, time)
        }
        return found?.source
    }
}
