extension UInt8 {
    static let quote: UInt8 = 0x22
    static let backslash: UInt8 = 0x5C
}

extension ByteWriter {
    /// Writes a member of an object behind another one, with a text as its value.
    mutating func write(_ name: StaticString, escaping value: Bytes) {
        write(",\"")
        write(name)
        write("\":\"")
        for byte in value { write(escaped: byte) }
        write(byte: .quote)
    }

    /// Writes a byte of a text (RFC 8259 §7), at most six bytes. Bytes that are not ASCII are not taken for UTF-8, which they
    /// may not be: each becomes the character of its own number, `\u00XX`.
    @inline(__always)
    mutating func write(escaped byte: UInt8) {
        switch byte {
        case .quote, .backslash:
            write(byte: .backslash)
            write(byte: byte)
        case 0x20..<0x7F:
            write(byte: byte)
        default:
            write("\\u00")
            write(hexadecimal: UInt64(byte), width: 2)
        }
    }
}
