import OpenFaaSAPI
import Testing

@testable import Gateway

@Suite struct AlertFloorsTests {
    @Test func aFloorHoldsUntilItIsLiftedOrForgotten() throws {
        let floors = AlertFloors()
        let (f, g) = (try FunctionName("f"), try FunctionName("g"))
        let start = ContinuousClock.now
        #expect(floors.replicas(of: f, now: start) == 0)
        floors.raise(f, to: 3, now: start)
        floors.raise(g, to: 2, now: start)
        #expect(floors.replicas(of: f, now: start + .seconds(4 * 3600)) == 3)
        // Repeated, it holds as long again; an Alertmanager that was taken away holds nothing for ever.
        floors.raise(f, to: 4, now: start + .seconds(4 * 3600))
        #expect(floors.replicas(of: f, now: start + .seconds(8 * 3600)) == 4)
        #expect(floors.replicas(of: f, now: start + .seconds(10 * 3600)) == 0)
        floors.lift(f)
        #expect(floors.replicas(of: f, now: start) == 0 && floors.replicas(of: g, now: start) == 2)
        floors.keep(only: [f])
        #expect(floors.replicas(of: g, now: start) == 0)
    }
}
