import NIOCore
import Testing

@testable import Proxy

@Suite struct ReplicaHealthTests {
    private static let start = NIODeadline.uptimeNanoseconds(1_000_000_000)

    private static func fail(
        _ health: inout ReplicaHealth, after seconds: Int, limit: Int = 3, others: Bool = true
    ) -> ReplicaHealth.Ejection? {
        health.callBegan()
        return health.callFailed(now: start + .seconds(Int64(seconds)), limit: limit, others: others)
    }

    @Test func timeDoublesUpToThirtySeconds() {
        var health = ReplicaHealth()
        for _ in 1...2 { #expect(Self.fail(&health, after: 0) == nil) }
        #expect(!health.isLeftOut(Self.start))
        var now = 0
        var seconds: [Int] = []
        for _ in 0..<8 {
            guard let ejection = Self.fail(&health, after: now) else { continue }
            seconds.append(ejection.seconds)
            #expect(health.isLeftOut(Self.start + .seconds(Int64(now + ejection.seconds)) - .nanoseconds(1)))
            now += ejection.seconds
            #expect(!health.isLeftOut(Self.start + .seconds(Int64(now))))
        }
        #expect(seconds == [1, 2, 4, 8, 16, 30, 30, 30])
    }

    @Test func successSetsBothCountsBack() {
        var health = ReplicaHealth()
        for _ in 1...2 { _ = Self.fail(&health, after: 0) }
        let wasLeftOut = health.callSucceeded()
        #expect(!wasLeftOut)
        for _ in 1...2 { #expect(Self.fail(&health, after: 0) == nil) }
        #expect(Self.fail(&health, after: 0)?.seconds == 1)
        #expect(Self.fail(&health, after: 1)?.seconds == 2)
        let recovers = health.callSucceeded()
        #expect(recovers)
        #expect(!health.isLeftOut(Self.start))
        for _ in 1...2 { #expect(Self.fail(&health, after: 0) == nil) }
        #expect(Self.fail(&health, after: 1) == ReplicaHealth.Ejection(failures: 3, seconds: 1))
    }

    @Test func callsThatFailTogetherCountOnce() {
        var health = ReplicaHealth()
        let ejections = (0..<50).compactMap { _ in Self.fail(&health, after: 0) }
        #expect(ejections == [ReplicaHealth.Ejection(failures: 3, seconds: 1)])
        #expect(Self.fail(&health, after: 1) == ReplicaHealth.Ejection(failures: 51, seconds: 2))
    }

    @Test func withoutOthersOrLimitItStays() {
        var health = ReplicaHealth()
        for _ in 0..<9 {
            #expect(Self.fail(&health, after: 0, others: false) == nil)
            #expect(Self.fail(&health, after: 0, limit: 0) == nil)
        }
        #expect(!health.isLeftOut(Self.start))
    }

    @Test func oneCallTriesItAfterItsTime() {
        var health = ReplicaHealth()
        for _ in 0..<3 { _ = Self.fail(&health, after: 0) }
        let later = Self.start + .seconds(1)
        health.callBegan()
        #expect(health.isLeftOut(later))
        // The client of that call went away, which says nothing.
        health.callWentOn()
        #expect(!health.isLeftOut(later))
    }
}
