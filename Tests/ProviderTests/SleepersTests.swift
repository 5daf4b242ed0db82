import Glibc
import OpenFaaSAPI
import Testing

@testable import Containers
@testable import Provider

/// What a call does by itself, and what the provider learns of it.
struct SleepersTests {
    private let name: FunctionName
    private let sleepers = Sleepers()

    init() throws {
        name = try FunctionName("f")
    }

    private func sleeper(_ id: String, pid: Int32 = getpid(), cgroup: Cgroup? = nil) -> Sleepers.Sleeper {
        Sleepers.Sleeper(
            endpoint: .init(id: id, address: "10.0.0.2", port: 8080, socket: nil), pid: pid, cgroup: cgroup)
    }

    @Test func aCallFindsWhatIsListed() {
        #expect(sleepers.rouse(name, called: .now).isEmpty)
        sleepers.list([sleeper("r1"), sleeper("r2")], of: name)
        let before = ContinuousClock.now
        #expect(sleepers.rouse(name, called: before).map(\.id) == ["r1", "r2"])
        // One on another event loop finds them, too.
        #expect(sleepers.rouse(name, called: .now).map(\.id) == ["r1", "r2"])
        let roused = sleepers.strike(name)
        #expect(roused?.ids == ["r1", "r2"] && roused?.called == before)
        #expect((roused?.at).map { $0 >= before } == true)
        #expect(sleepers.rouse(name, called: .now).isEmpty && sleepers.strike(name) == nil)
    }

    @Test func whatIsStruckIsNotFound() {
        sleepers.list([sleeper("r1")], of: name)
        #expect(sleepers.strike(name) == nil)
        #expect(sleepers.rouse(name, called: .now).isEmpty)
    }

    @Test func whatCannotServeIsLeftToTheProvider() {
        // No process has this number.
        sleepers.list([sleeper("r1"), sleeper("r2", pid: .max)], of: name)
        #expect(sleepers.rouse(name, called: .now).isEmpty)
        sleepers.list([sleeper("r1", cgroup: Cgroup(layout: .v2("/nowhere")))], of: name)
        #expect(sleepers.rouse(name, called: .now).isEmpty && sleepers.strike(name) == nil)
    }
}
