import Glibc
import NIOCore
import NIOPosix
import Proxy
import Synchronization

/// A value that several threads of a test change.
final class NIOLockedState<Value>: Sendable {
    private let value: Mutex<Value>

    init(_ value: consuming sending Value) {
        self.value = Mutex(value)
    }

    func with<Result>(_ body: (inout sending Value) -> sending Result) -> sending Result {
        value.withLock(body)
    }
}

/// Waits for a fact, looking at it again and again; throws when it does not become true.
func eventually(_ what: String, _ fact: () async throws -> Bool) async throws {
    let deadline = ContinuousClock.now + .seconds(20)
    while ContinuousClock.now < deadline {
        if try await fact() { return }
        try await Task.sleep(for: .milliseconds(2))
    }
    throw TestTimeout(description: "this did not become true: \(what)")
}

/// The seed of a random test: from the environment to repeat a failure, otherwise new.
func testSeed() -> UInt64 {
    if let text = getenv("PROXY_TEST_SEED"), let seed = UInt64(String(cString: text)) { return seed }
    return UInt64.random(in: 1...UInt64.max)
}

/// SplitMix64 (Steele, Lea, Flood 2014): a random generator that gives the same numbers for the same seed.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
        return word ^ word >> 31
    }
}

/// Resident memory of this process in bytes.
func residentBytes() -> Int {
    guard let file = fopen("/proc/self/statm", "r") else { return 0 }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 128)
    guard fgets(&line, 128, file) != nil else { return 0 }
    let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return (Int(text.split(separator: " ").dropFirst().first ?? "") ?? 0) * Int(getpagesize())
}

extension FunctionCounters {
    /// Ended calls by status code.
    var statusCounts: [Int: UInt64] { ended.mapValues(\.count) }
    /// Ended calls by duration, whatever their status.
    var durationBuckets: [UInt64] {
        ended.values.reduce(Array(repeating: 0, count: Self.bucketBounds.count + 1)) { zip($0, $1.buckets).map(+) }
    }
    /// The duration of all ended calls.
    var durationSum: Duration { ended.values.reduce(.zero) { $0 + $1.duration } }
}
