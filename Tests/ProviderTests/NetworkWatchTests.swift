import Testing

@testable import Provider

/// Rules that were never seen are no sign; rules that went are one, once.
struct NetworkWatchTests {
    @Test func onlyTheGoingOfRulesIsASign() {
        var watch = NetworkWatch()
        let looks = [("a", false), ("a", true), ("b", false), ("a", false), ("a", false)]
        let signs = looks.map { watch.look(at: $0.0, rulesAreThere: $0.1) }
        #expect(signs == [.nothing, .seenFirst, .nothing, .gone, .nothing])
    }

    @Test func whatIsGoneIsForgotten() {
        var watch = NetworkWatch()
        _ = watch.look(at: "a", rulesAreThere: true)
        watch.forget(allBut: ["b"])
        let sign = watch.look(at: "a", rulesAreThere: false)
        #expect(sign == .nothing)
    }
}
