/// The `traceparent` field (W3C Trace Context §3.2.2): `VERSION-TRACE-PARENT-FLAGS` in hexadecimal digits of lower case.
enum TraceParent {
    /// The length of version 00, and of the part that all versions have in common.
    private static let length = 55

    /// Where the trace's identity is.
    ///
    /// - Parameters:
    ///   - bytes: the head.
    ///   - range: the field's value.
    /// - Returns: `nil` where the value is malformed.
    static func traceID(_ bytes: Bytes, in range: Range<Int>) -> Range<Int>? {
        let value = bytes.part(range)
        guard value.count >= length, isHex(value, 0..<2), value[2] == .dash, isHex(value, 3..<35),
            value[35] == .dash, isHex(value, 36..<52), value[52] == .dash, isHex(value, 53..<55),
            !isZero(value, 3..<35), !isZero(value, 36..<52), !value.holds("ff")
        else { return nil }
        // Versions to come may have more behind a dash; that of now may not.
        if value.count > length {
            guard !value.holds("00"), value[length] == .dash else { return nil }
        }
        return range.lowerBound + 3..<range.lowerBound + 35
    }

    private static func isHex(_ value: Bytes, _ range: Range<Int>) -> Bool {
        value.part(range).allSatisfy { $0.isDigit || $0 &- 0x61 < 6 }
    }

    private static func isZero(_ value: Bytes, _ range: Range<Int>) -> Bool {
        value.part(range).allSatisfy { $0 == 0x30 }
    }
}

extension UInt8 {
    fileprivate static let dash: UInt8 = 0x2D
}
