import OpenFaaSAPI
import Proxy
import Testing

@testable import Gateway

struct RemoteTableTests {
    private let f: FunctionName
    private let g: FunctionName
    private let ready = RemoteTable.Function(isAvailable: true)
    private let down = RemoteTable.Function(isAvailable: false, timeout: .seconds(5))

    init() throws {
        f = try FunctionName("f")
        g = try FunctionName("g", namespace: "dev")
    }

    @Test func aListIsTheWholeTruth() {
        var table = RemoteTable()
        let before = table.version
        table.adopt([f: ready, g: down], of: table.begin())
        #expect(table.functions == [f: ready, g: down] && table.version > before)
        table.adopt([g: ready], of: table.begin())
        #expect(table.functions == [g: ready])
    }

    @Test func whatDoesNotChangeHasNoNewVersion() {
        var table = RemoteTable()
        table.adopt([f: ready], of: table.begin())
        table.move(to: "10.0.0.1")
        let version = table.version
        table.adopt([f: ready], of: table.begin())
        table.adopt(ready, for: f, of: table.begin())
        table.move(to: "10.0.0.1")
        #expect(table.version == version)
    }

    @Test func anOlderListHidesNothingThatCameSince() {
        var table = RemoteTable()
        table.adopt([g: ready], of: table.begin())
        let list = table.begin()
        // While the list is under way, one function is deployed and another removed.
        table.adopt(ready, for: f, of: table.begin())
        table.adopt(nil, for: g, of: table.begin())
        table.adopt([g: ready], of: list)
        #expect(table.functions == [f: ready])
        table.adopt([f: down], of: table.begin())
        #expect(table.functions == [f: down])
    }

    @Test func anOlderStatusDoesNotOverrideANewerOne() {
        var table = RemoteTable()
        let first = table.begin()
        table.adopt(ready, for: f, of: table.begin())
        table.adopt(down, for: f, of: first)
        #expect(table.functions == [f: ready])
    }

    @Test func callsGoToTheProviderUnderTheFunctionsPath() throws {
        var table = RemoteTable()
        let provider = try ProviderAddress(url: "http://host:81/base")
        table.adopt([f: ready, g: down], of: table.begin())
        guard case .waiting = table.routes(to: provider)[f]?.state else {
            Issue.record("a call must wait until the provider's address is known")
            return
        }
        table.move(to: "10.0.0.1")
        let routes = table.routes(to: provider)
        #expect(routes[g]?.timeout == .seconds(5) && routes[f]?.timeout == nil)
        guard case .ready(let endpoints) = routes[f]?.state, case .waiting = routes[g]?.state else {
            Issue.record("f must be ready, g must wait")
            return
        }
        #expect(endpoints.map(\.address) == [.tcp(host: "10.0.0.1", port: 81)])
        #expect(routes[f]?.pathPrefix == "/base/function/f.openfaas-fn")
        #expect(routes[g]?.pathPrefix == "/base/function/g.dev")
    }

    @Test func thePauseDoublesUpToALimit() {
        var pause = PollPause()
        #expect(pause.length == .seconds(2))
        let lengths = (0..<6).map { _ in
            pause.failed()
            return pause.length
        }
        #expect(lengths == [4, 8, 16, 30, 30, 30].map { .seconds($0) })
        pause.answered()
        #expect(pause.length == .seconds(2))
    }

    @Test(arguments: [("2", 2), ("0", 1), ("-1", 1), ("many", 1)])
    func theLabelSaysHowManyAreWoken(label: String, replicas: UInt64) {
        #expect(RemoteRoutes.replicasToWake(["com.openfaas.scale.min": label]) == replicas)
        #expect(RemoteRoutes.replicasToWake([:]) == 1)
    }
}
