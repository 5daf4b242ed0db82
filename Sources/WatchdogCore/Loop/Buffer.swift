import Glibc

/// A fixed piece of memory with a readable part in it. There is room before the part, so that a head can be put in
/// front of a body that is already there, and a little behind it for what ends a chunk.
final class Buffer {
    /// Bytes in front: a response head with the longest content type, and a line of error text.
    private static let headroom = 2048
    /// Bytes behind: CRLF and the last chunk.
    private static let tailroom = 16

    private let memory: UnsafeMutableRawPointer
    let capacity: Int
    private var start = headroom
    private var end = headroom

    init(capacity: Int) {
        self.capacity = capacity
        memory = .allocate(byteCount: Self.headroom + capacity + Self.tailroom, alignment: 16)
    }

    deinit {
        memory.deallocate()
    }

    var count: Int { end - start }
    var isEmpty: Bool { start == end }
    /// Bytes that can still be added behind the readable part.
    var free: Int { max(0, Self.headroom + capacity - end) }
    var readable: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: memory + start, count: count) }

    func clear() {
        start = Self.headroom
        end = Self.headroom
    }

    func consume(_ count: Int) {
        start += min(count, self.count)
        if isEmpty { clear() }
    }

    /// Moves the readable part to the front, so that all free room is behind it.
    func compact() {
        guard start > Self.headroom else { return }
        memmove(memory + Self.headroom, memory + start, count)
        end = Self.headroom + count
        start = Self.headroom
    }

    /// Lets `source` write up to `limit` bytes behind the readable part.
    func fill(limit: Int = .max, from source: (UnsafeMutableRawBufferPointer) -> Transfer) -> Transfer {
        let room = UnsafeMutableRawBufferPointer(start: memory + end, count: min(limit, free))
        // Reading into no room looks like the end of the stream.
        guard !room.isEmpty else { return .blocked }
        let outcome = source(room)
        if case .moved(let count) = outcome { end += count }
        return outcome
    }

    /// Adds bytes behind the readable part. What does not fit is left out.
    func append(_ bytes: UnsafeRawBufferPointer) {
        let count = min(bytes.count, Self.headroom + capacity + Self.tailroom - end)
        guard count > 0, let source = bytes.baseAddress else { return }
        memcpy(memory + end, source, count)
        end += count
    }

    /// Puts bytes in front of the readable part. What does not fit is left out, from the left.
    func prepend(_ bytes: UnsafeRawBufferPointer) {
        let count = min(bytes.count, start)
        guard count > 0, let source = bytes.baseAddress else { return }
        start -= count
        memcpy(memory + start, source + (bytes.count - count), count)
    }

}

extension Buffer {
    func append(_ text: StaticString) {
        append(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    func append(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { append($0) }
    }

    /// Disfavoured, as a literal would be taken for a `String` and not for a `StaticString` otherwise.
    @_disfavoredOverload func append(_ text: String) {
        var text = text
        text.withUTF8 { append(UnsafeRawBufferPointer($0)) }
    }

    func append(decimal value: Int, minimumDigits: Int = 1) {
        append(number: UInt(value.magnitude), base: 10, minimumDigits: minimumDigits)
    }

    func append(hexadecimal value: Int) {
        append(number: UInt(value.magnitude), base: 16, minimumDigits: 1)
    }

    /// Seconds with six decimals, as Go's `%f` prints them.
    func append(seconds span: TimeSpan) {
        let microseconds = Int(span.nanoseconds / 1000)
        append(decimal: microseconds / 1_000_000)
        append(".")
        append(decimal: microseconds % 1_000_000, minimumDigits: 6)
    }

    /// Always inlined, as dividing by a base that is known costs a tenth of dividing by any.
    @inline(__always) private func append(number: UInt, base: UInt, minimumDigits: Int) {
        withUnsafeTemporaryAllocation(byteCount: 24, alignment: 1) { digits in
            var place = digits.count
            var rest = number
            repeat {
                let digit = UInt8(rest % base)
                rest /= base
                place -= 1
                digits[place] = digit < 10 ? 0x30 + digit : 0x57 + digit
            } while rest > 0 || digits.count - place < minimumDigits
            append(UnsafeRawBufferPointer(rebasing: digits[place...]))
        }
    }
}
