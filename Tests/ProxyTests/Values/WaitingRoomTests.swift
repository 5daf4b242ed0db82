import OpenFaaSAPI
import Testing

@testable import Proxy

@Suite struct WaitingRoomTests {
    @Test func firstGuestWakesAndAllAreReleasedInOrder() throws {
        let (f, g) = (try FunctionName("f"), try FunctionName("g"))
        var room = WaitingRoom<Int>(limit: 10, limitPerFunction: 10)
        #expect(room.admit(1, for: f) == .waits(isFirst: true))
        #expect(room.admit(2, for: f) == .waits(isFirst: false))
        #expect(room.admit(3, for: g) == .waits(isFirst: true))
        #expect(room.admit(4, for: f) == .waits(isFirst: false))
        let left = (room.leave(2, for: f), room.leave(2, for: f))
        #expect(left == (true, false))
        #expect(room.release(f) == [1, 4])
        #expect(room.release(f) == [])
        #expect(room.admit(5, for: f) == .waits(isFirst: true))
        #expect(Set(room.names) == [f, g])
        #expect(room.count == 2)
    }

    @Test func limitsHold() throws {
        let (f, g) = (try FunctionName("f"), try FunctionName("g"))
        var room = WaitingRoom<Int>(limit: 3, limitPerFunction: 2)
        #expect(room.admit(1, for: f) == .waits(isFirst: true))
        #expect(room.admit(2, for: f) == .waits(isFirst: false))
        #expect(room.admit(3, for: f) == .full)
        #expect(room.admit(4, for: g) == .waits(isFirst: true))
        #expect(room.admit(5, for: g) == .full)
        room.leave(1, for: f)
        #expect(room.admit(6, for: g) == .waits(isFirst: false))
    }

    @Test func randomOrders() throws {
        let seed = testSeed()
        var random = SeededGenerator(seed: seed)
        let names = try ["a", "b", "c"].map { try FunctionName($0) }
        var room = WaitingRoom<Int>(limit: 200, limitPerFunction: 120)
        var model: [FunctionName: [Int]] = [:]
        for guest in 0..<4_000 {
            let name = names[Int.random(in: 0..<3, using: &random)]
            var queue = model[name] ?? []
            switch Int.random(in: 0..<1000, using: &random) {
            case 0:
                #expect(room.release(name) == queue, "seed \(seed)")
                model[name] = []
            case 1..<450:
                guard let leaving = queue.randomElement(using: &random) else { continue }
                let hasLeft = room.leave(leaving, for: name)
                #expect(hasLeft, "seed \(seed)")
                queue.removeAll { $0 == leaving }
                model[name] = queue
            default:
                let total = model.values.reduce(0) { $0 + $1.count }
                let isFull = total >= 200 || queue.count >= 120
                #expect(
                    room.admit(guest, for: name) == (isFull ? .full : .waits(isFirst: queue.isEmpty)), "seed \(seed)")
                if !isFull { model[name] = queue + [guest] }
            }
            #expect(room.count == model.values.reduce(0) { $0 + $1.count }, "seed \(seed)")
        }
        for name in names { #expect(room.release(name) == model[name] ?? [], "seed \(seed)") }
    }
}
