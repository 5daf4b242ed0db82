import CSystemd
import Glibc

/// Which journal is read.
enum JournalLocation: Sendable, Equatable {
    /// That of this machine.
    case system
    /// The journal files in a directory.
    case directory(String)
}

/// The lines of one name in a journal, of all its containers or of one.
///
/// They are found by the fields that ``LogStore`` gives them. An entry without a container's id has the number of
/// its process for it.
final class JournalSource: LogSource {
    private static let instanceFields = ["CONTAINER_ID", "_PID"]

    private let journal: OpaquePointer
    private let follows: Bool
    private var since: LogTime?
    /// The newest entry when reading began, which is the last that is read without follow.
    private var lastCursor: String?
    /// What stands before the position; `.some(nil)` when nothing does.
    private var previous: LogTime??
    private var next: LogTime?
    private var goesForward = false
    private var isIdle = false
    private(set) var isFinished = false

    /// nil when there is no journal that can be read.
    init?(_ location: JournalLocation, query: LogQuery) {
        var handle: OpaquePointer?
        let status =
            switch location {
            case .system: sd_journal_open(&handle, Int32(SD_JOURNAL_LOCAL_ONLY))
            case .directory(let path): sd_journal_open_directory(&handle, path, 0)
            }
        guard status == 0, let journal = handle else { return nil }
        self.journal = journal
        follows = query.follow
        let identifier = LogStore.identifier(namespace: query.namespace, name: query.name)
        var matches = ["SYSLOG_IDENTIFIER=\(identifier)"]
        if let instance = query.instance { matches.append("CONTAINER_ID=\(instance)") }
        for match in matches {
            guard sd_journal_add_match(journal, match, 0) == 0 else { return nil }
        }
        // Fields that are stored compressed are unpacked up to this length.
        sd_journal_set_data_threshold(journal, LogPiece.maximumLength + "MESSAGE=".utf8.count)
        if follows {
            // Makes libsystemd watch for new files of the journal from now on. When the system has no more watches
            // to give, new lines of the files that are open are found all the same.
            sd_journal_get_fd(journal)
        } else {
            guard sd_journal_seek_tail(journal) == 0, sd_journal_previous(journal) > 0 else { return nil }
            lastCursor = cursor
        }
    }

    deinit {
        sd_journal_close(journal)
    }

    func seekStart(since: LogTime?) {
        goesForward = true
        self.since = since
        guard let since, since.seconds >= 0 else {
            sd_journal_seek_head(journal)
            return
        }
        sd_journal_seek_realtime_usec(journal, UInt64(since.seconds) * 1_000_000 + UInt64(since.nanoseconds / 1000))
    }

    func seekEnd() {
        sd_journal_seek_tail(journal)
    }

    func previousTime() -> LogTime? {
        if let previous { return previous }
        let time = sd_journal_previous(journal) > 0 ? time : nil
        previous = .some(time)
        return time
    }

    func stepBack() {
        previous = nil
    }

    func nextTime() -> LogTime? {
        if next == nil, !isIdle, !isFinished {
            turnForward()
            next = findNext()
            isIdle = next == nil
        }
        return next
    }

    func take() -> LogPiece? {
        guard let time = next else { return nil }
        next = nil
        if let lastCursor, sd_journal_test_cursor(journal, lastCursor) > 0 { isFinished = true }
        let instance = Self.instanceFields.lazy.map { self.field($0) }.first { !$0.isEmpty } ?? []
        return LogPiece(
            instance: String(decoding: instance.prefix(200), as: UTF8.self), time: time,
            stream: field("PRIORITY") == Array("3".utf8) ? .error : .output,
            endsLine: field(LogStore.partialField) != Array("true".utf8), bytes: field("MESSAGE"))
    }

    func refresh() {
        sd_journal_process(journal)
        isIdle = false
    }

    /// libsystemd stands on an entry, not between two. So that the entry after the position comes next, it must
    /// stand on the one before; where there is none, the start is the place.
    private func turnForward() {
        guard !goesForward else { return }
        goesForward = true
        if previousTime() == nil { sd_journal_seek_head(journal) }
    }

    private func findNext() -> LogTime? {
        while sd_journal_next(journal) > 0 {
            // The search for a time is exact to the microsecond, and follows the journal's own order.
            if let since, time < since { continue }
            return time
        }
        return nil
    }

    private var time: LogTime {
        var microseconds: UInt64 = 0
        sd_journal_get_realtime_usec(journal, &microseconds)
        return LogTime(microseconds: microseconds)
    }

    private var cursor: String? {
        var text: UnsafeMutablePointer<CChar>?
        guard sd_journal_get_cursor(journal, &text) == 0, let text else { return nil }
        defer { free(text) }
        return String(cString: text)
    }

    /// A field of the entry, cut to the length of the longest line; empty when the entry has none.
    private func field(_ name: String) -> [UInt8] {
        var data: UnsafeRawPointer?
        var length = 0
        guard sd_journal_get_data(journal, name, &data, &length) == 0, let data else { return [] }
        let start = min(length, name.utf8.count + 1)
        return Array(UnsafeRawBufferPointer(start: data + start, count: min(length - start, LogPiece.maximumLength)))
    }
}
