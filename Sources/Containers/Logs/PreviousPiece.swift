/// The line before a position in a container's files, with all its parts.
struct PreviousPiece {
    let file: LogFileBlocks
    let start: Int
    let time: LogTime
    private let stream: LogLine.Stream

    /// nil when there is none.
    static func before(_ offset: Int, in file: LogFileBlocks, of files: LogFileSet) -> PreviousPiece? {
        var file = file
        var end = offset
        var found: PreviousPiece?
        while true {
            guard end > 0 else {
                guard let older = files.older(than: file.inode) else { return found }
                file = older
                end = (older.lastLineFeed(before: older.size) ?? -1) + 1
                continue
            }
            let start = (file.lastLineFeed(before: end - 1) ?? -1) + 1
            let headerEnd = min(end - 1, start + LogFileHeader.maximumLength)
            if let header = LogFileHeader(file.bytes(start..<headerEnd)) {
                let isWhole = header.endsLine || end - 1 - start - header.length >= LogPiece.maximumLength
                if let found, isWhole || header.stream != found.stream { return found }
                found = PreviousPiece(file: file, start: start, time: header.time, stream: header.stream)
            }
            end = start
        }
    }
}
