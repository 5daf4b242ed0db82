import Glibc

/// Tells addresses of the Internet from those of this machine, its networks and its cloud.
enum AddressRule {
    /// Whether a literal address, of either version, is one that anybody on the Internet could reach.
    static func isPublic(_ address: String) -> Bool {
        if let bytes = version4(address) { return isPublic(version4: bytes) }
        if let bytes = version6(address) { return isPublic(version6: bytes) }
        return false
    }

    /// Whether the text is an address and not a name.
    static func isAddress(_ text: String) -> Bool { version4(text) != nil || version6(text) != nil }

    /// RFC 6890 and its registry: everything that is not globally reachable.
    private static let special: [(bytes: [UInt8], bits: Int)] = [
        ([0, 0, 0, 0], 8), ([10, 0, 0, 0], 8), ([100, 64, 0, 0], 10), ([127, 0, 0, 0], 8), ([169, 254, 0, 0], 16),
        ([172, 16, 0, 0], 12), ([192, 0, 0, 0], 24), ([192, 0, 2, 0], 24), ([192, 88, 99, 0], 24),
        ([192, 168, 0, 0], 16), ([198, 18, 0, 0], 15), ([198, 51, 100, 0], 24), ([203, 0, 113, 0], 24),
        ([224, 0, 0, 0], 3),
    ]

    private static func isPublic(version4 bytes: [UInt8]) -> Bool {
        !special.contains { range in
            let value = number(bytes) ^ number(range.bytes)
            return value >> UInt32(32 - range.bits) == 0
        }
    }

    private static func number(_ bytes: [UInt8]) -> UInt32 { bytes.reduce(0) { $0 << 8 | UInt32($1) } }

    private static func isPublic(version6 bytes: [UInt8]) -> Bool {
        // Only 2000::/3 is given out; of it 2001::/23, documentation and 6to4, which hides a version 4 address, are not
        // for hosts. Mapped and translated version 4 addresses lie outside.
        guard bytes[0] & 0xE0 == 0x20 else { return false }
        if bytes[0] == 0x20, bytes[1] == 0x01, bytes[2] < 2 { return false }
        if bytes.starts(with: [0x20, 0x01, 0x0D, 0xB8]) || bytes.starts(with: [0x20, 0x02]) { return false }
        return true
    }

    private static func version4(_ text: String) -> [UInt8]? { parse(text, AF_INET, 4) }
    private static func version6(_ text: String) -> [UInt8]? { parse(text, AF_INET6, 16) }

    private static func parse(_ text: String, _ family: Int32, _ count: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        return inet_pton(family, text, &bytes) == 1 ? bytes : nil
    }
}
