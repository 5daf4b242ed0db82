/// A range of IPv4 addresses, written `ADDRESS/LENGTH`, from which containers get theirs.
public struct Subnet: Sendable, Hashable, CustomStringConvertible {
    /// The first address of the range, as a number.
    let base: UInt32
    /// How many leading bits all addresses share.
    public let prefixLength: Int

    /// Reads the written form.
    ///
    /// - Throws: `invalidArgument` when it is not one, when bits are set after the prefix, or when the range is too
    ///   small for a gateway and containers (longer than /29) or larger than /8.
    public init(_ text: String) throws(ContainersError) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let base = Self.number(parts[0]), let length = Int(parts[1]), (8...29).contains(length)
        else {
            throw ContainersError(
                .invalidArgument,
                "the subnet \"\(BoundedText.shown(text))\" must look like 10.62.0.0/16, from /8 to /29")
        }
        guard base << UInt32(length) == 0 else {
            throw ContainersError(
                .invalidArgument,
                "the subnet \"\(BoundedText.shown(text))\" must have no bits set after its first \(length)")
        }
        self.base = base
        prefixLength = length
    }

    /// The written form.
    public var description: String { "\(Self.text(base))/\(prefixLength)" }

    /// The first host address, which the bridge has on the host.
    public var gateway: String { Self.text(base + 1) }

    /// Whether an address lies in the range.
    public func contains(_ address: String) -> Bool {
        guard let number = Self.number(address) else { return false }
        return number >> UInt32(32 - prefixLength) == base >> UInt32(32 - prefixLength)
    }

    private static func number(_ text: some StringProtocol) -> UInt32? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var number: UInt32 = 0
        for part in parts {
            guard part.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
                let byte = UInt8(part)
            else { return nil }
            number = number << 8 | UInt32(byte)
        }
        return number
    }

    private static func text(_ number: UInt32) -> String {
        (0..<4).map { String(number >> UInt32(24 - 8 * $0) & 255) }.joined(separator: ".")
    }
}
