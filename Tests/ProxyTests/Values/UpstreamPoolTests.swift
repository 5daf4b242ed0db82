import NIOCore
import Testing

@testable import Proxy

@Suite struct UpstreamPoolTests {
    static func endpoint(_ name: String) -> ReplicaEndpoint {
        ReplicaEndpoint(id: name, address: .tcp(host: "127.0.0.1", port: 1))
    }

    private static let now = NIODeadline.uptimeNanoseconds(1_000_000_000)

    private static func pool(_ names: [String], idleLimit: Int = 10) throws -> (UpstreamPool<Int>, [Int]) {
        var pool = UpstreamPool<Int>(idleLimit: idleLimit, ejectAfterFailures: 2)
        _ = pool.replace(with: Set(names.map(endpoint)))
        return (pool, try names.map { try #require(pool.place(of: endpoint($0))) })
    }

    @Test func lastUsedConnectionIsUsedFirst() throws {
        var (pool, places) = try Self.pool(["a"])
        for _ in 1...3 { #expect(pool.begin(at: places[0]) == nil) }
        for connection in 1...3 {
            #expect(pool.park(connection, at: places[0], now: Self.now) == .kept)
            pool.end(at: places[0])
        }
        #expect(pool.begin(at: places[0]) == 3)
        #expect(pool.begin(at: places[0], fresh: true) == nil)
        #expect(pool.begin(at: places[0]) == 2)
        #expect(pool.idleCount == 1)
    }

    @Test func leastBusyReplicaIsChosenAndEqualsTakeTurns() throws {
        var (pool, places) = try Self.pool(["a", "b", "c"])
        var counts = [0, 0, 0]
        for _ in 0..<300 {
            let place = try #require(pool.choose(among: places, except: [], now: Self.now))
            _ = pool.begin(at: place)
            pool.end(at: place)
            counts[try #require(places.firstIndex(of: place))] += 1
        }
        #expect(counts == [100, 100, 100])
        _ = pool.begin(at: places[0])
        _ = pool.begin(at: places[1])
        #expect(pool.choose(among: places, except: [], now: Self.now) == places[2])
        #expect(pool.choose(among: places, except: [places[2]], now: Self.now) != places[2])
        #expect(pool.choose(among: places, except: places, now: Self.now) == nil)
    }

    /// Makes a call fail.
    private static func fail(
        _ pool: inout UpstreamPool<Int>, _ place: Int, among places: [Int], at now: NIODeadline
    ) -> ReplicaHealth.Ejection? {
        _ = pool.begin(at: place)
        defer { pool.end(at: place) }
        return pool.failed(at: place, among: places, now: now)
    }

    @Test func replicaThatFailsIsTakenLast() throws {
        var (pool, places) = try Self.pool(["a", "b"])
        #expect(Self.fail(&pool, places[0], among: places, at: Self.now) == nil)
        let ejection = Self.fail(&pool, places[0], among: places, at: Self.now)
        #expect(ejection == ReplicaHealth.Ejection(failures: 2, seconds: 1))
        _ = pool.begin(at: places[1])
        #expect(pool.choose(among: places, except: [], now: Self.now) == places[1])
        #expect(pool.choose(among: places, except: [places[1]], now: Self.now) == places[0])
        #expect(pool.choose(among: [places[0]], except: [], now: Self.now) == places[0])
        let later = Self.now + .seconds(1)
        #expect(pool.choose(among: places, except: [], now: later) == places[0])
        // One call tries it; when that is answered, others may follow.
        _ = pool.begin(at: places[0])
        _ = pool.begin(at: places[1])
        #expect(pool.choose(among: places, except: [], now: later) == places[1])
        pool.answerBegan(at: places[0])
        #expect(pool.choose(among: places, except: [], now: later) == places[0])
        let recovers = pool.succeeded(at: places[0])
        #expect(recovers)
        let recoversAgain = pool.succeeded(at: places[0])
        #expect(!recoversAgain)
    }

    @Test func lastOneIsNeverLeftOut() throws {
        var (pool, places) = try Self.pool(["a", "b", "c"])
        for _ in 0..<5 {
            for place in places { _ = Self.fail(&pool, place, among: places, at: Self.now) }
        }
        // The first two were left out; then the third had nobody beside it.
        #expect(pool.choose(among: places, except: [], now: Self.now) == places[2])
        let alone = Self.fail(&pool, places[2], among: places, at: Self.now)
        #expect(alone == nil)
        let single = Self.fail(&pool, places[2], among: [places[2]], at: Self.now + .seconds(9))
        #expect(single == nil)
        let beside = Self.fail(&pool, places[2], among: places, at: Self.now + .seconds(9))
        #expect(beside?.seconds == 1)
    }

    @Test func retiredReplicaKeepsNothingAndItsPlaceIsUsedAgain() throws {
        var (pool, places) = try Self.pool(["a"])
        _ = pool.begin(at: places[0])
        _ = pool.begin(at: places[0])
        #expect(pool.park(1, at: places[0], now: Self.now) == .kept)
        pool.end(at: places[0])
        #expect(pool.replace(with: [Self.endpoint("b")]) == [1])
        #expect(pool.place(of: Self.endpoint("b")) != places[0])
        #expect(pool.running(on: ["a"]) == 1)
        #expect(pool.park(2, at: places[0], now: Self.now) == .refused)
        pool.end(at: places[0])
        #expect(pool.running(on: ["a"]) == 0)
        #expect(pool.endpoint(at: places[0]) == nil)
        _ = pool.replace(with: [Self.endpoint("b"), Self.endpoint("c")])
        #expect(pool.place(of: Self.endpoint("c")) == places[0])
    }

    @Test func oldConnectionsExpireAndTheLimitHolds() throws {
        var (pool, places) = try Self.pool(["a", "b"], idleLimit: 2)
        for (connection, place) in [(1, 0), (2, 1), (3, 0)] {
            _ = pool.begin(at: places[place], fresh: true)
            let parking = pool.park(connection, at: places[place], now: Self.now + .seconds(Int64(connection)))
            #expect(parking == (connection == 3 ? .keptInstead(of: 1) : .kept))
            pool.end(at: places[place])
        }
        #expect(pool.expire(before: Self.now + .seconds(3)) == [2])
        #expect(pool.idleCount == 1)
        #expect(pool.takeIdle(of: ["a"]) == [3])
        #expect(pool.takeAllIdle() == [])
    }

    /// What must be true of the pool after any events, kept in the plainest way.
    private struct Model {
        var idle: [Int: ReplicaEndpoint] = [:]
        var inUse: [(call: Int, place: Int, connection: Int, endpoint: ReplicaEndpoint)] = []
        var nextConnection = 0
    }

    @Test func randomOrders() throws {
        let seed = testSeed()
        var random = SeededGenerator(seed: seed)
        let all = ["a", "b", "c", "d", "e"].map(Self.endpoint)
        var pool = UpstreamPool<Int>(idleLimit: 4, ejectAfterFailures: 2)
        var model = Model()
        var table: Set<ReplicaEndpoint> = []
        var now = Self.now
        func closed(_ connections: [Int]) throws {
            for connection in connections {
                #expect(model.idle.removeValue(forKey: connection) != nil, "closed twice or in use, seed \(seed)")
            }
        }
        for step in 0..<4_000 {
            now = now + .milliseconds(Int64.random(in: 0...20, using: &random))
            switch Int.random(in: 0..<10, using: &random) {
            case 0:
                table = Set(all.filter { _ in Bool.random(using: &random) })
                try closed(pool.replace(with: table))
                for endpoint in model.idle.values { #expect(table.contains(endpoint), "seed \(seed)") }
            case 1:
                let limit = now - .milliseconds(500)
                try closed(pool.expire(before: limit))
            case 2:
                // An unused connection is closed by the replica.
                guard let (connection, endpoint) = model.idle.randomElement(using: &random) else { continue }
                pool.remove(connection, at: try #require(pool.place(of: endpoint)))
                model.idle[connection] = nil
            case 3...6:
                let places = table.compactMap { pool.place(of: $0) }
                guard let place = pool.choose(among: places, except: [], now: now) else { continue }
                let endpoint = try #require(pool.endpoint(at: place))
                #expect(table.contains(endpoint), "seed \(seed), step \(step)")
                var connection = model.nextConnection
                if let reused = pool.begin(at: place) {
                    #expect(model.idle.removeValue(forKey: reused) == endpoint, "seed \(seed), step \(step)")
                    connection = reused
                } else {
                    model.nextConnection += 1
                }
                model.inUse.append((step, place, connection, endpoint))
            default:
                guard !model.inUse.isEmpty else { continue }
                let call = model.inUse.remove(at: Int.random(in: 0..<model.inUse.count, using: &random))
                if Bool.random(using: &random) {
                    switch pool.park(call.connection, at: call.place, now: now) {
                    case .kept: model.idle[call.connection] = call.endpoint
                    case .refused: #expect(!table.contains(call.endpoint), "seed \(seed), step \(step)")
                    case .keptInstead(let other):
                        model.idle[call.connection] = call.endpoint
                        try closed([other])
                    }
                }
                pool.end(at: call.place)
            }
            #expect(pool.idleCount == model.idle.count, "seed \(seed), step \(step)")
            #expect(pool.idleCount <= 4, "seed \(seed), step \(step)")
            for endpoint in all {
                let expected = model.inUse.count { $0.endpoint == endpoint }
                #expect(pool.running(on: [endpoint.id]) == expected, "seed \(seed), step \(step)")
            }
        }
    }
}
