/// Text in columns.
enum Columns {
    /// A text padded to a width, never cut.
    static func pad(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    /// Lines with tabs between their cells, laid out as Go's `text/tabwriter` does with one space of padding: a column
    /// is a run of neighbouring lines that have a cell there, and the last cell of a line belongs to none.
    static func align(_ lines: [String], padding: Int = 1) -> String {
        var cells = lines.map { $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init) }
        let depth = cells.map(\.count).max() ?? 0
        for column in 0..<max(0, depth - 1) {
            var start = 0
            while start < cells.count {
                guard cells[start].count > column + 1 else {
                    start += 1
                    continue
                }
                var end = start
                while end < cells.count, cells[end].count > column + 1 { end += 1 }
                let width = cells[start..<end].map { $0[column].count }.max() ?? 0
                // A column of empty cells has no width, as in Go.
                let padded = width == 0 ? 0 : width + padding
                for row in start..<end { cells[row][column] = pad(cells[row][column], padded) }
                start = end
            }
        }
        return cells.map { $0.joined() + "\n" }.joined()
    }
}
