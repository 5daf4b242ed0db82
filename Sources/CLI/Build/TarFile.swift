import Foundation

/// Tar archives of plain files (POSIX ustar), as far as images need them.
enum TarFile {
    /// Headers and the ends of files are in blocks of so many bytes.
    static let block = 512

    /// The header of a file.
    ///
    /// - Parameter name: of at most 100 bytes.
    static func header(_ name: String, size: Int64) -> [UInt8] {
        var header = [UInt8](repeating: 0, count: block)
        func put(_ text: String, at offset: Int) {
            for (index, byte) in text.utf8.enumerated() { header[offset + index] = byte }
        }
        func octal(_ number: Int64, digits: Int) -> String {
            let text = String(number, radix: 8)
            return String(repeating: "0", count: max(0, digits - text.count)) + text
        }
        put(String(name.utf8.prefix(100)) ?? "", at: 0)
        put("0000644", at: 100)
        put("0000000", at: 108)
        put("0000000", at: 116)
        put(octal(size, digits: 11), at: 124)
        put("00000000000", at: 136)
        put("        ", at: 148)
        put("0", at: 156)
        put("ustar", at: 257)
        put("00", at: 263)
        put(octal(header.reduce(0) { $0 + Int64($1) }, digits: 6) + "\0 ", at: 148)
        return header
    }

    /// The zeros that fill up the last block of a file.
    static func padding(_ size: Int64) -> Int { Int((Int64(block) - size % Int64(block)) % Int64(block)) }

    /// Where in an archive the bytes of its files are.
    ///
    /// Files with names of more than 100 bytes are not among them, links neither.
    ///
    /// - Throws: ``CLIError`` when it cannot be read or is no archive.
    static func files(in path: String) throws -> [String: Range<Int64>] {
        guard let handle = FileHandle(forReadingAtPath: path) else { throw CLIError(.file, "cannot read \(path)") }
        defer { try? handle.close() }
        var files: [String: Range<Int64>] = [:]
        var offset: UInt64 = 0
        while true {
            try handle.seek(toOffset: offset)
            guard let data = try handle.read(upToCount: block), data.count == block else { break }
            let header = Array(data)
            guard header[0] != 0 else { break }
            guard let size = Int64(text(header[124..<136]), radix: 8), size >= 0 else {
                throw CLIError(.file, "\(path) is no archive that can be read here")
            }
            let begin = Int64(offset) + Int64(block)
            if header[156] == UInt8(ascii: "0") || header[156] == 0 {
                files[text(header[0..<100])] = begin..<begin + size
            }
            offset = UInt64(begin + size) + UInt64(padding(size))
        }
        return files
    }

    private static func text(_ field: ArraySlice<UInt8>) -> String {
        String(decoding: field.prefix { $0 != 0 && $0 != 0x20 }, as: UTF8.self)
    }
}
