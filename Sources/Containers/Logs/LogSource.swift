/// A part of a line, or a whole one, as a store has it.
struct LogPiece: Equatable {
    var instance: String
    var time: LogTime
    var stream: LogLine.Stream
    var endsLine: Bool
    var bytes: [UInt8]

    /// The longest piece that is read; the writing side makes none that is longer.
    static let maximumLength = LogCollector.maximumLine
}

/// Something that has pieces in the order in which they were written: the journal, or a container's files.
///
/// It has a position between two pieces. First it is put somewhere by one of the `seek` methods; after `seekEnd` it
/// can be taken back step by step. Then it is read forwards.
protocol LogSource: AnyObject {
    /// Whether nothing will ever come any more.
    var isFinished: Bool { get }

    /// Puts the position before the oldest piece, or before the first one that is not older than `since`.
    func seekStart(since: LogTime?)

    /// Puts the position after the newest piece.
    func seekEnd()

    /// The time of the piece before the position; nil when there is none.
    func previousTime() -> LogTime?

    /// Moves the position before the piece that `previousTime` told of.
    func stepBack()

    /// The time of the piece after the position; nil when there is none yet. Then it stays nil until `refresh`.
    func nextTime() -> LogTime?

    /// Moves the position after the piece that `nextTime` told of, and returns it.
    func take() -> LogPiece?

    /// Looks again for pieces that came after the last one.
    func refresh()
}
