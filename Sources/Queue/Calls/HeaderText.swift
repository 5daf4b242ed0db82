/// Fields as one text: `NAME:VALUE` a line. A name has no colon and neither has a line end, so it reads back as it was.
enum HeaderText {
    static func write(_ fields: [HeaderField]) -> String {
        var text = ""
        text.reserveCapacity(byteCount(fields))
        for field in fields {
            text += field.name
            text += ":"
            text += field.value
            text += "\n"
        }
        return text
    }

    static func read(_ text: String) -> [HeaderField] {
        text.utf8.split(separator: UInt8(ascii: "\n")).compactMap { line in
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return nil }
            return HeaderField(
                String(Substring(line[..<colon])), String(Substring(line[line.index(after: colon)...])))
        }
    }

    static func byteCount(_ fields: [HeaderField]) -> Int {
        fields.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count + 2 }
    }
}
