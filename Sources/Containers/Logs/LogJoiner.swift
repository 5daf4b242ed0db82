/// Makes lines of the pieces that a store keeps of long ones.
///
/// A line is joined up to ``LogPiece/maximumLength``; a longer one comes as several, so that a line without end
/// cannot fill the memory. The parts that wait for their rest are bounded over all containers.
struct LogJoiner {
    private struct Key: Hashable {
        let instance: String
        let stream: LogLine.Stream
    }

    /// The most bytes that wait, over all containers.
    private static let maximumWaiting = 4 << 20

    private var waiting: [Key: LogPiece] = [:]
    private var waitingBytes = 0

    /// Takes the next piece and returns the lines that are complete with it.
    mutating func add(_ piece: LogPiece) -> [LogEntry] {
        let key = Key(instance: piece.instance, stream: piece.stream)
        var line = piece
        var entries: [LogEntry] = []
        if let before = waiting.removeValue(forKey: key) {
            waitingBytes -= before.bytes.count
            if before.bytes.count + piece.bytes.count > LogPiece.maximumLength {
                entries.append(Self.entry(before))
            } else {
                line = before
                line.bytes += piece.bytes
                line.endsLine = piece.endsLine
            }
        }
        let isFull = line.bytes.count >= LogPiece.maximumLength
        if line.endsLine || isFull || waitingBytes + line.bytes.count > Self.maximumWaiting {
            entries.append(Self.entry(line))
        } else {
            waiting[key] = line
            waitingBytes += line.bytes.count
        }
        return entries
    }

    /// Returns the parts whose rest never came, oldest first.
    mutating func finish() -> [LogEntry] {
        let rest = waiting.values.sorted { $0.time < $1.time }
        waiting.removeAll()
        waitingBytes = 0
        return rest.map(Self.entry)
    }

    private static func entry(_ piece: LogPiece) -> LogEntry {
        let text = String(decoding: piece.bytes, as: UTF8.self)
        return LogEntry(
            instance: piece.instance, line: LogLine(time: piece.time.rfc3339, stream: piece.stream, text: text))
    }
}
