/// Cuts a stream into lines. A line longer than the limit comes in pieces, so that no line can stop the log.
struct LineSplitter {
    private let limit: Int
    /// The beginning of a line whose end has not come yet.
    private var partial: [UInt8] = []

    init(limit: Int) {
        self.limit = limit
    }

    /// Cuts the next line off `bytes`.
    /// - Parameter emit: takes the line without its line feed, and says whether it could.
    /// - Returns: bytes used up; less than all when `emit` refused, and then those left are to be given again.
    mutating func feed(_ bytes: UnsafeRawBufferPointer, emit: (UnsafeRawBufferPointer) -> Bool) -> Int {
        var place = 0
        while place < bytes.count {
            let lineEnd = bytes.lineFeed(from: place) ?? bytes.count
            let end = min(lineEnd, place + limit - partial.count)
            let isWhole = end == lineEnd && lineEnd < bytes.count
            let piece = bytes.slice(place..<end)
            if isWhole || partial.count + piece.count == limit {
                guard emitLine(piece, emit) else { return place }
                place = isWhole ? end + 1 : end
                continue
            }
            partial.append(contentsOf: piece)
            place = end
        }
        return place
    }

    /// Emits what has come of a line that will not be ended.
    mutating func finish(emit: (UnsafeRawBufferPointer) -> Bool) {
        guard !partial.isEmpty else { return }
        _ = emitLine(UnsafeRawBufferPointer(start: nil, count: 0), emit)
        partial = []
    }

    private mutating func emitLine(
        _ piece: UnsafeRawBufferPointer, _ emit: (UnsafeRawBufferPointer) -> Bool
    ) -> Bool {
        guard !partial.isEmpty else { return emit(piece) }
        let before = partial.count
        partial.append(contentsOf: piece)
        guard partial.withUnsafeBytes(emit) else {
            partial.removeSubrange(before...)
            return false
        }
        partial.removeAll(keepingCapacity: true)
        return true
    }
}
