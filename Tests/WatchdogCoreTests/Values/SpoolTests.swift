import Glibc
import Testing

@testable import WatchdogCore

@Suite struct SpoolTests {
    /// Bytes that show where they belong, with a period that no buffer shares.
    private static let pattern = (0..<70_001).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
    private static let twice = pattern + pattern

    private func isRight(_ bytes: UnsafeRawBufferPointer, from place: Int) -> Bool {
        Self.twice.withUnsafeBytes { all in
            guard let found = bytes.baseAddress, let expected = all.baseAddress else { return false }
            return memcmp(found, expected + place % Self.pattern.count, bytes.count) == 0
        }
    }

    @Test(arguments: ["/tmp", "/nowhere"])
    func keepsOrderAndContent(folder: String) {
        let spool = Spool(SpoolStore(pool: BufferPool(), folder: folder))
        var written = 0
        var read = 0
        // Enough to go around the ring of memory, where it is one.
        for _ in 0..<3000 {
            let count = Int.random(in: 0...60_000)
            let place = written % 70_001
            #expect(Self.twice.withUnsafeBytes { spool.append($0.slice(place..<place + count)) } == count)
            written += count
            while read < written, written - read > 20 << 20 || Int.random(in: 0..<4) < 3 {
                let bytes = spool.readable
                let part = Int.random(in: 1...bytes.count)
                #expect(isRight(bytes.slice(0..<part), from: read))
                spool.consume(part)
                read += part
            }
            #expect(spool.count == written - read)
        }
        #expect(written > Limits.spoolMemory && !spool.isBroken)
    }

    @Test func boundsMemoryOfAllTogether() {
        let store = SpoolStore(pool: BufferPool(), folder: "/nowhere")
        let piece = [UInt8](repeating: 1, count: 1 << 20)
        func fill(_ spool: Spool) -> Int {
            var total = 0
            while true {
                let taken = piece.withUnsafeBytes { spool.append($0) }
                total += taken
                if taken < piece.count { return total }
            }
        }
        let most = Limits.spoolMemoryOfAll / Limits.spoolMemory
        let spools = (0...most).map { _ in Spool(store) }
        for spool in spools.dropLast() { #expect(fill(spool) == Limits.spoolMemory + Limits.buffer) }
        #expect(fill(spools[most]) == Limits.buffer)
        spools[0].clear()
        #expect(fill(spools[most]) == Limits.spoolMemory)
    }
}
