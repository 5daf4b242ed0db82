import Glibc

/// The byte classes of RFC 9110 and 9112.
extension UInt8 {
    static let tab: UInt8 = 0x09
    static let lineFeed: UInt8 = 0x0a
    static let carriageReturn: UInt8 = 0x0d
    static let space: UInt8 = 0x20
    static let hash: UInt8 = 0x23
    static let percent: UInt8 = 0x25
    static let comma: UInt8 = 0x2c
    static let dash: UInt8 = 0x2d
    static let slash: UInt8 = 0x2f
    static let colon: UInt8 = 0x3a
    static let semicolon: UInt8 = 0x3b
    static let question: UInt8 = 0x3f
    static let underscore: UInt8 = 0x5f
    static let delete: UInt8 = 0x7f

    var isDigit: Bool { self >= 0x30 && self <= 0x39 }
    var isUpper: Bool { self >= 0x41 && self <= 0x5a }
    var isLower: Bool { self >= 0x61 && self <= 0x7a }
    var isLetter: Bool { isUpper || isLower }
    var isBlank: Bool { self == .space || self == .tab }
    var lowered: UInt8 { isUpper ? self | 0x20 : self }
    var raised: UInt8 { isLower ? self & 0xdf : self }

    /// A byte of a method or a field name.
    var isToken: Bool {
        if isLetter || isDigit { return true }
        switch self {
        case 0x21, 0x23...0x27, 0x2a, 0x2b, 0x2d, 0x2e, 0x5e...0x60, 0x7c, 0x7e: return true
        default: return false
        }
    }

    /// A byte of a field value: anything printable, blanks, and the upper half.
    var isFieldValue: Bool { self >= .space && self != .delete || self == .tab }

    /// A byte of a request target. The upper half is let through, as Go does.
    var isTarget: Bool { self > .space && self != .delete && self != .hash }

    /// A byte of a host with its port: names, IPv4, IPv6 in brackets.
    var isAuthority: Bool {
        if isLetter || isDigit { return true }
        switch self {
        case 0x21, 0x24...0x2e, 0x3a, 0x3b, 0x3d, 0x5b, 0x5d, 0x5f, 0x7e: return true
        default: return false
        }
    }

    var hexValue: UInt8? {
        switch self {
        case 0x30...0x39: self - 0x30
        case 0x41...0x46: self - 0x37
        case 0x61...0x66: self - 0x57
        default: nil
        }
    }
}

extension UnsafeRawBufferPointer {
    /// Equality without regard to the case of ASCII letters. `name` is given in lower case.
    func matches(_ name: StaticString) -> Bool {
        guard count == name.utf8CodeUnitCount else { return false }
        for index in 0..<count where self[index].lowered != name.utf8Start[index] { return false }
        return true
    }

    func equals(_ text: StaticString) -> Bool {
        guard count == text.utf8CodeUnitCount else { return false }
        guard let base = baseAddress else { return true }
        return memcmp(base, text.utf8Start, count) == 0
    }

    /// Place of the next line feed at or after `offset`.
    func lineFeed(from offset: Int) -> Int? {
        guard offset < count, let base = baseAddress else { return nil }
        guard let found = memchr(base + offset, Int32(UInt8.lineFeed), count - offset) else { return nil }
        return UnsafeRawPointer(found) - base
    }

    func slice(_ range: Range<Int>) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: self[range])
    }

    /// Whether a text, given in lower case, is somewhere in it, without regard to the case of letters.
    func contains(_ text: StaticString) -> Bool {
        let length = text.utf8CodeUnitCount
        guard count >= length else { return false }
        return (0...count - length).contains { slice($0..<$0 + length).matches(text) }
    }

    func equalsIgnoringCase(_ other: UnsafeRawBufferPointer) -> Bool {
        count == other.count && zip(self, other).allSatisfy { $0.lowered == $1.lowered }
    }

    /// Without blanks at its ends.
    var trimmed: UnsafeRawBufferPointer {
        var rest = self[...]
        while let first = rest.first, first.isBlank { rest = rest.dropFirst() }
        while let last = rest.last, last.isBlank { rest = rest.dropLast() }
        return UnsafeRawBufferPointer(rebasing: rest)
    }

    /// Calls `body` with each byte of a path whose percent escapes are taken as what they stand for.
    func forEachDecoded(_ body: (UInt8) -> Void) {
        var place = 0
        while place < count {
            if self[place] == .percent, place + 2 < count, let high = self[place + 1].hexValue,
                let low = self[place + 2].hexValue
            {
                body(high << 4 | low)
                place += 3
            } else {
                body(self[place])
                place += 1
            }
        }
    }
}
