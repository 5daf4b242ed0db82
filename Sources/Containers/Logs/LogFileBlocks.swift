import Glibc

/// An open file of the store, of which one block at a time is in memory.
final class LogFileBlocks {
    static let blockSize = 64 << 10

    let inode: ino_t
    private let descriptor: Int32
    private var block: [UInt8] = []
    private var start = 0

    /// nil when there is no such regular file.
    init?(path: String) {
        let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            return nil
        }
        self.descriptor = descriptor
        inode = status.st_ino
    }

    deinit {
        close(descriptor)
    }

    /// In bytes.
    var size: Int { Int(status.st_size) }

    /// Whether it has no name any more, so that nothing else will be written to it.
    var isRemoved: Bool { status.st_nlink == 0 }

    private var status: stat {
        var status = stat()
        fstat(descriptor, &status)
        return status
    }

    /// What a search for a line feed found.
    enum LineFeed {
        case at(Int)
        /// None before the end of the file, which was there at the time.
        case notBefore(Int)
    }

    /// The first line feed at or after `offset`, in a line that begins at `line`.
    func lineFeed(from offset: Int, ofLineAt line: Int) -> LineFeed {
        var offset = offset
        while true {
            if !(start..<start + block.count).contains(offset) {
                // With the line's start in the block, the line need not be read again.
                load(at: offset - line < Self.blockSize / 2 ? line : offset, count: Self.blockSize)
            }
            guard offset < start + block.count else { return .notBefore(offset) }
            if let found = firstLineFeed(from: offset - start) { return .at(start + found) }
            offset = start + block.count
        }
    }

    /// Where the last line feed before `end` is; nil when there is none.
    func lastLineFeed(before end: Int) -> Int? {
        var end = end
        while end > 0 {
            if !(start + 1..<start + block.count + 1).contains(end) {
                let from = max(0, end - Self.blockSize)
                load(at: from, count: end - from)
                // The file is shorter than it was: it is not one of ours.
                guard start + block.count == end else { return nil }
            }
            if let found = block[..<(end - start)].lastIndex(of: UInt8(ascii: "\n")) { return start + found }
            end = start
        }
        return nil
    }

    /// Bytes of the file, from the block in memory if they are there; fewer at the end of the file.
    func bytes(_ range: Range<Int>) -> ArraySlice<UInt8> {
        if range.lowerBound < start || range.upperBound > start + block.count {
            guard range.count <= Self.blockSize else { return read(at: range.lowerBound, count: range.count)[...] }
            load(at: range.lowerBound, count: Self.blockSize)
        }
        let first = range.lowerBound - start
        return block[min(first, block.count)..<min(first + range.count, block.count)]
    }

    private func firstLineFeed(from first: Int) -> Int? {
        block.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress,
                let found = memchr(base + first, Int32(UInt8(ascii: "\n")), bytes.count - first)
            else { return nil }
            return UnsafeRawPointer(found) - base
        }
    }

    private func load(at offset: Int, count: Int) {
        let bytes = read(at: offset, count: count)
        // A file that is read to its end holds no memory while new lines are waited for.
        block = bytes.isEmpty ? [] : bytes
        start = offset
    }

    private func read(at offset: Int, count: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            guard lseek(descriptor, off_t(offset), SEEK_SET) == offset else { return }
            while filled < count {
                let more = Glibc.read(descriptor, buffer.baseAddress?.advanced(by: filled), count - filled)
                if more < 0, errno == EINTR { continue }
                guard more > 0 else { return }
                filled += more
            }
        }
    }
}
