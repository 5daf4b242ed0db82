/// A run of bytes that somebody else owns; valid only inside the closure that gave it.
typealias Bytes = UnsafeRawBufferPointer

extension UInt8 {
    static let tab: UInt8 = 0x09
    static let lineFeed: UInt8 = 0x0A
    static let carriageReturn: UInt8 = 0x0D
    static let space: UInt8 = 0x20
    static let comma: UInt8 = 0x2C
    static let dot: UInt8 = 0x2E
    static let slash: UInt8 = 0x2F
    static let colon: UInt8 = 0x3A
    static let questionMark: UInt8 = 0x3F

    /// Letters in lower case, everything else unchanged.
    @inline(__always)
    var lowered: UInt8 { self &- 0x41 < 26 ? self | 0x20 : self }

    @inline(__always)
    var isDigit: Bool { self &- 0x30 < 10 }

    @inline(__always)
    var isAlphanumeric: Bool { isDigit || (self | 0x20) &- 0x61 < 26 }

    /// `tchar` of RFC 9110 §5.6.2, as a bit map over the ASCII range: one bit for each of
    /// ``!#$%&'*+-.^_`|~``, digits and letters.
    @inline(__always)
    var isToken: Bool {
        guard self < 0x80 else { return false }
        let map: UInt64 = self < 64 ? 0x03FF_6CFA_0000_0000 : 0x57FF_FFFF_C7FF_FFFE
        return map >> UInt64(self & 63) & 1 == 1
    }

    /// A byte of a field's value: no control character except the tab (RFC 9110 §5.5).
    @inline(__always)
    var isFieldContent: Bool { (self >= 0x20 && self != 0x7F) || self == .tab }

    /// A byte of a request target: neither space nor control character. Bytes above 0x7F are not in the grammar
    /// but common in practice, and harmless to a proxy that forwards them as they are.
    @inline(__always)
    var isTarget: Bool { self > 0x20 && self != 0x7F }

    /// A byte of `NAME[.NAMESPACE]` in a path.
    @inline(__always)
    var isNamePart: Bool { isAlphanumeric || self == 0x2D || self == 0x5F || self == .dot }

    /// A byte of a `Host` value: registered names, IPv4, IPv6 in brackets, and a port (RFC 3986 §3.2.2).
    @inline(__always)
    var isHost: Bool {
        guard self < 0x80 else { return false }
        let map: UInt64 = self < 64 ? 0x2FFF_7FF2_0000_0000 : 0x47FF_FFFE_AFFF_FFFE
        return map >> UInt64(self & 63) & 1 == 1
    }

    /// The value of a hexadecimal digit.
    @inline(__always)
    var hexValue: UInt8? {
        if isDigit { return self &- 0x30 }
        let letter = (self | 0x20) &- 0x61
        return letter < 6 ? letter &+ 10 : nil
    }
}

extension UnsafeRawBufferPointer {
    /// The bytes in a range, numbered from 0 again.
    @inline(__always)
    func part(_ range: Range<Int>) -> Bytes { Bytes(rebasing: self[range]) }

    /// Whether the bytes are `text`, whose letters must be lower case, in any case of letters.
    func isText(_ text: StaticString) -> Bool {
        guard count == text.utf8CodeUnitCount else { return false }
        for index in 0..<count where self[index].lowered != text.utf8Start[index] { return false }
        return true
    }

    /// Whether `text` stands at `offset`, byte for byte.
    @inline(__always)
    func holds(_ text: StaticString, at offset: Int = 0) -> Bool {
        guard count - offset >= text.utf8CodeUnitCount else { return false }
        for index in 0..<text.utf8CodeUnitCount where self[offset + index] != text.utf8Start[index] { return false }
        return true
    }

    /// Whether both are the same text in any case of letters.
    func isSameText(as other: Bytes) -> Bool {
        guard count == other.count else { return false }
        for index in 0..<count where self[index].lowered != other[index].lowered { return false }
        return true
    }

    /// The first place from `start` on, at most `end`, whose byte may not be part of a field's value.
    ///
    /// Values are most of a head, so eight bytes are looked at in one step: a byte is suspicious when subtracting
    /// borrows from its highest bit, once for those below a space and once, after flipping, for DEL.
    @inline(__always)
    func endOfFieldContent(from start: Int, to end: Int) -> Int {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let highs: UInt64 = 0x8080_8080_8080_8080
        var position = start
        while position < end {
            if end - position >= 8 {
                let word = loadUnaligned(fromByteOffset: position, as: UInt64.self)
                let flipped = word ^ (ones &* 0x7F)
                let low = (word &- ones &* 0x20) & ~word
                let delete = (flipped &- ones) & ~flipped
                if (low | delete) & highs == 0 {
                    position += 8
                    continue
                }
            }
            // A tab is suspicious too, and allowed; so are the few bytes at the end looked at one by one.
            let stop = Swift.min(position + 8, end)
            while position < stop {
                guard self[position].isFieldContent else { return position }
                position += 1
            }
        }
        return end
    }

    /// Calls `body` for each element of a comma-separated list, without the white space around it; empty elements are left out
    /// (RFC 9110 §5.6.1).
    func forEachListElement(_ body: (Bytes) -> Void) {
        var start = 0
        while start < count {
            var end = start
            while end < count, self[end] != .comma { end += 1 }
            let element = part(start..<end).trimmed
            if !element.isEmpty { body(element) }
            start = end + 1
        }
    }

    /// Without spaces and tabs at both ends.
    var trimmed: Bytes {
        var (lower, upper) = (0, count)
        while lower < upper, self[lower] == .space || self[lower] == .tab { lower += 1 }
        while upper > lower, self[upper - 1] == .space || self[upper - 1] == .tab { upper -= 1 }
        return part(lower..<upper)
    }
}
