import Foundation

/// How often an endurance test repeats what it does: seldom in `hack/test`, often in `hack/soak`.
public enum Repetitions {
    /// The number in a variable.
    ///
    /// - Parameters:
    ///   - variable: such as `FAASD_TEST_UPDATES`.
    ///   - short: the number where the variable is not set.
    public static func count(_ variable: String, short: Int) throws -> Int {
        guard let text = ProcessInfo.processInfo.environment[variable], !text.isEmpty else { return short }
        guard let count = Int(text), (1...1_000_000).contains(count) else {
            throw TestFailure("\(variable) must be a number from 1 to 1000000, not \"\(text)\"")
        }
        return count
    }

    /// Says what was counted, in a line that `hack/soak` repeats at its end.
    public static func report(_ figures: String) {
        print("counted: \(figures)")
    }
}

/// Random numbers that come again with the same seed (SplitMix64).
public struct SeededGenerator: RandomNumberGenerator, Sendable {
    /// What it began with; a test prints it.
    public let seed: UInt64
    private var state: UInt64

    /// Takes the seed from `FAASD_TEST_SEED`, or any.
    public init() throws {
        let text = ProcessInfo.processInfo.environment["FAASD_TEST_SEED"] ?? ""
        guard let seed = text.isEmpty ? .random(in: 0 ... .max) : UInt64(text) else {
            throw TestFailure("FAASD_TEST_SEED must be a number, not \"\(text)\"")
        }
        self.init(seed: seed)
    }

    /// Begins with a seed.
    public init(seed: UInt64) {
        self.seed = seed
        state = seed
    }

    /// The next number.
    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
