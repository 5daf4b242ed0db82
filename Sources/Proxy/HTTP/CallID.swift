/// The identity of one call (`X-Call-Id`).
enum CallID: Equatable {
    /// A UUID made here.
    case made(UInt64, UInt64)
    /// What the client sent.
    case given([UInt8])

    /// The longest one that is taken from a client; a longer one is replaced by one made here.
    static let givenLimit = 256

    /// How many bytes its text has.
    var count: Int {
        switch self {
        case .made: 36
        case .given(let bytes): bytes.count
        }
    }

    /// Writes the value.
    func write(to writer: inout ByteWriter) {
        switch self {
        case .given(let bytes): writer.write(bytes)
        case .made(let high, let low): writer.writeUUID(high, low)
        }
    }
}

/// Makes version 4 UUIDs (RFC 9562 §5.4). An identity must be unique, not secret, so a fast generator
/// (xoshiro256**, Blackman and Vigna 2018) seeded once by the system is enough.
struct CallIDGenerator {
    private var state: (UInt64, UInt64, UInt64, UInt64)

    init(seededBy system: inout some RandomNumberGenerator) {
        // The all-zero state is the one that never leaves itself.
        state = (system.next() | 1, system.next(), system.next(), system.next())
    }

    mutating func next() -> CallID {
        let high = nextWord() & 0xFFFF_FFFF_FFFF_0FFF | 0x4000
        let low = nextWord() & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
        return .made(high, low)
    }

    private mutating func nextWord() -> UInt64 {
        let result = Self.rotated(state.1 &* 5, 7) &* 9
        let shifted = state.1 << 17
        state.2 ^= state.0
        state.3 ^= state.1
        state.1 ^= state.2
        state.0 ^= state.3
        state.2 ^= shifted
        state.3 = Self.rotated(state.3, 45)
        return result
    }

    private static func rotated(_ word: UInt64, _ count: UInt64) -> UInt64 {
        word << count | word >> (64 - count)
    }
}
