import NIOCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Fills memory of a known size from the front. Writing past its end stops the process, so a wrong estimate
/// of a head's size cannot become a hole.
struct ByteWriter {
    private let memory: UnsafeMutableRawBufferPointer
    private(set) var count = 0

    init(_ memory: UnsafeMutableRawBufferPointer) {
        self.memory = memory
    }

    mutating func write(_ bytes: Bytes) {
        guard let source = bytes.baseAddress, !bytes.isEmpty else { return }
        put(source, bytes.count)
    }

    mutating func write(_ text: StaticString) {
        put(text.utf8Start, text.utf8CodeUnitCount)
    }

    mutating func write(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { write($0) }
    }

    mutating func write(byte: UInt8) {
        precondition(count < memory.count, "no room for a byte")
        memory[count] = byte
        count += 1
    }

    /// Writes a number, filled up with zeros at the left to at least `width` digits (at most 24).
    mutating func write(decimal number: UInt64, width: Int = 1) {
        var digits: (UInt64, UInt64, UInt64) = (0, 0, 0)
        withUnsafeMutableBytes(of: &digits) { digits in
            var (rest, start) = (number, digits.count)
            while rest > 0 || digits.count - start < width {
                start -= 1
                digits[start] = 0x30 | UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            }
            write(Bytes(rebasing: digits[start...]))
        }
    }

    /// Writes a number in hexadecimal digits of lower case, the lowest `width` of them (at most 16).
    mutating func write(hexadecimal number: UInt64, width: Int) {
        var digits = (
            Self.hexadecimalDigits(of: number >> 32).bigEndian, Self.hexadecimalDigits(of: number).bigEndian
        )
        withUnsafeBytes(of: &digits) { write($0.part($0.count - width..<$0.count)) }
    }

    /// The hexadecimal digits of the lower half of `number`, the first one in the highest byte. All eight are made at once:
    /// the nibbles are spread over the bytes, and those above 9 are moved up to the letters.
    private static func hexadecimalDigits(of number: UInt64) -> UInt64 {
        var spread = number & 0xFFFF_FFFF
        spread = (spread | spread << 16) & 0x0000_FFFF_0000_FFFF
        spread = (spread | spread << 8) & 0x00FF_00FF_00FF_00FF
        spread = (spread | spread << 4) & 0x0F0F_0F0F_0F0F_0F0F
        let letters = (spread &+ 0x0606_0606_0606_0606) >> 4 & 0x0101_0101_0101_0101
        return spread &+ 0x3030_3030_3030_3030 &+ letters &* 0x27
    }

    /// Writes a UUID in its usual form (RFC 9562 §4): 36 bytes.
    mutating func writeUUID(_ high: UInt64, _ low: UInt64) {
        var digits = (
            Self.hexadecimalDigits(of: high >> 32).bigEndian, Self.hexadecimalDigits(of: high).bigEndian,
            Self.hexadecimalDigits(of: low >> 32).bigEndian, Self.hexadecimalDigits(of: low).bigEndian
        )
        precondition(memory.count - count >= 36, "no room for a UUID")
        let text = UnsafeMutableRawBufferPointer(rebasing: memory[count..<count + 36])
        withUnsafeBytes(of: &digits) { digits in
            var place = 0
            for group in [0..<8, 8..<12, 12..<16, 16..<20] {
                UnsafeMutableRawBufferPointer(rebasing: text[place...]).copyMemory(from: digits.part(group))
                place += group.count
                text[place] = 0x2D
                place += 1
            }
            UnsafeMutableRawBufferPointer(rebasing: text[place...]).copyMemory(from: digits.part(20..<32))
        }
        count += 36
    }

    /// Writes the line that begins a chunk (RFC 9112 §7.1); at most 18 bytes.
    mutating func writeChunkSize(_ size: Int) {
        let digits = max(1, (Int.bitWidth - size.leadingZeroBitCount + 3) / 4)
        write(hexadecimal: UInt64(size), width: digits)
        writeLineEnd()
    }

    mutating func writeLineEnd() {
        write("\r\n")
    }

    private mutating func put(_ source: UnsafeRawPointer, _ length: Int) {
        precondition(length <= memory.count - count, "no room for \(length) bytes")
        guard let base = memory.baseAddress else { return }
        memcpy(base + count, source, length)
        count += length
    }
}

extension ByteBuffer {
    /// Appends what `body` writes, at most `capacity` bytes.
    @inline(__always)
    mutating func append(capacity: Int, _ body: (inout ByteWriter) -> Void) {
        writeWithUnsafeMutableBytes(minimumWritableBytes: capacity) { memory in
            var writer = ByteWriter(memory)
            body(&writer)
            return writer.count
        }
    }
}
