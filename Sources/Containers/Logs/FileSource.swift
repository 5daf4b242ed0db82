/// The lines of one container's files.
///
/// A file that was set aside is read to its end, and then the one after it; so nothing is missed as long as the
/// store keeps it. Lines that are not of the store's form are passed over.
final class FileSource: LogSource {
    private struct Piece {
        let header: LogFileHeader
        let text: Range<Int>
        let next: Int
    }

    private let files: LogFileSet
    /// Without follow, the newest file when reading began, and its size then: what is beyond is not read.
    private let last: LogFileBlocks?
    private let lastSize: Int
    /// The file that the position is in.
    private var file: LogFileBlocks
    private var offset = 0
    private var previous: PreviousPiece?
    private var next: Piece?
    /// There is no line feed from the position up to here.
    private var scanned = 0
    /// Whether the file was seen to be set aside, so that what it holds is all that it will hold.
    private var isSetAside = false
    private var isIdle = false
    private(set) var isFinished = false

    /// nil when the container has no files.
    init?(_ files: LogFileSet, follows: Bool) {
        guard let newest = files.newest() else { return nil }
        self.files = files
        file = newest
        last = follows ? nil : newest
        lastSize = newest.size
    }

    var id: String { files.id }

    func seekStart(since: LogTime?) {
        while let older = files.older(than: file.inode) {
            if let since, let first = time(after: 0, before: file.size), first.time < since { break }
            file = older
        }
        guard let since else { return }
        moveTo(start(since: since))
        while let time = nextTime(), time < since { skipNext() }
    }

    func seekEnd() {
        moveTo((file.lastLineFeed(before: min(lastSize, file.size)) ?? -1) + 1)
    }

    func previousTime() -> LogTime? {
        if previous == nil { previous = PreviousPiece.before(offset, in: file, of: files) }
        return previous?.time
    }

    func stepBack() {
        guard let previous else { return }
        file = previous.file
        moveTo(previous.start)
        self.previous = nil
    }

    func nextTime() -> LogTime? {
        if next == nil, !isIdle, !isFinished { next = findNext() }
        return next?.header.time
    }

    func take() -> LogPiece? {
        guard let piece = next else { return nil }
        skipNext()
        return LogPiece(
            instance: files.id, time: piece.header.time, stream: piece.header.stream, endsLine: piece.header.endsLine,
            bytes: Array(file.bytes(piece.text)))
    }

    func refresh() {
        isIdle = false
    }

    private func skipNext() {
        guard let piece = next else { return }
        next = nil
        moveTo(piece.next)
    }

    private func findNext() -> Piece? {
        while !isBeyondEnd {
            guard let end = lineEnd() else {
                guard goOn() else { break }
                continue
            }
            guard let header = LogFileHeader(file.bytes(offset..<min(end, offset + LogFileHeader.maximumLength)))
            else {
                moveTo(end + 1)
                continue
            }
            let start = offset + header.length
            return Piece(header: header, text: start..<min(end, start + LogPiece.maximumLength), next: end + 1)
        }
        isIdle = true
        return nil
    }

    private var isBeyondEnd: Bool { file.inode == last?.inode && offset >= lastSize }

    /// Where the line at the position ends. One without line feed ends only with a file that was set aside.
    private func lineEnd() -> Int? {
        switch file.lineFeed(from: scanned, ofLineAt: offset) {
        case .at(let end): return end
        case .notBefore(let end):
            scanned = end
            return isSetAside && offset < end ? end : nil
        }
    }

    /// At the end of the file: whether there is more to read, in it or in the one after it.
    private func goOn() -> Bool {
        guard isSetAside else {
            // Only what is read after this is known to be all of it.
            isSetAside = !files.isWritten(file.inode)
            return isSetAside
        }
        guard let newer = newer() else {
            isFinished = file.isRemoved && !files.exists
            return false
        }
        file = newer
        isSetAside = false
        moveTo(0)
        return true
    }

    private func newer() -> LogFileBlocks? {
        guard let last else { return files.newer(than: file.inode) }
        guard file.inode != last.inode else { return nil }
        // When the store has dropped the last file meanwhile, all that it has now came later.
        return files.contains(last.inode) ? files.newer(than: file.inode) : last
    }

    private func moveTo(_ offset: Int) {
        self.offset = offset
        scanned = offset
    }
}

/// Where the lines since a moment begin in a file, without reading all of it.
extension FileSource {
    /// The start of a line that is at most a block before the first line of that time, given that time goes on.
    private func start(since: LogTime) -> Int {
        var low = 0
        var high = file.size
        while high - low > LogFileBlocks.blockSize {
            let middle = (low + high) / 2
            if let line = time(after: middle, before: high), line.time < since {
                low = line.start
            } else {
                high = middle
            }
        }
        return low
    }

    /// The first line that begins in a range of the file, at its start or after a line feed in it.
    private func time(after first: Int, before end: Int) -> (start: Int, time: LogTime)? {
        var start = first
        if start > 0 {
            guard case .at(let lineFeed) = file.lineFeed(from: start, ofLineAt: start) else { return nil }
            start = lineFeed + 1
        }
        while start < end, case .at(let lineEnd) = file.lineFeed(from: start, ofLineAt: start) {
            let header = file.bytes(start..<min(lineEnd, start + LogFileHeader.maximumLength))
            if let time = LogFileHeader(header)?.time { return (start, time) }
            start = lineEnd + 1
        }
        return nil
    }
}
