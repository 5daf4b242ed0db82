import OpenFaaSAPI

@testable import Containers
@testable import Provider

/// A function on a machine that does at once, or at any later time, what the function's state asks for.
struct FunctionSimulation {
    var state: FunctionState
    /// What happened, the last thing at the end.
    private(set) var history: [String] = []
    /// The first promise that was broken.
    private(set) var problem: String?
    private var made = 0
    private var turns: [(id: String, turn: UInt64)] = []
    private(set) var now = ContinuousClock.now
    private let name: FunctionName
    private let ladder = IdleLadder(reclaimAfter: .seconds(60), stopAfter: .seconds(300))
    private let cgroup = Cgroup(layout: .v2("/nowhere"))

    init(labels: [String: String] = [:]) throws {
        name = try FunctionName("f")
        let spec = try FunctionSpec(
            validating: FunctionDeployment(service: "f", image: "alpine", labels: labels))
        state = FunctionState(
            accepted: FunctionRecord(
                spec: spec, generation: 1, replicas: spec.scaling.minimum, createdAt: 0, updatedAt: 0))
    }

    /// The replicas that are frozen.
    var frozen: [String] { state.replicas.values.filter { $0.restStage != nil }.map(\.id).sorted() }

    /// What is to be done next.
    var nextStep: FunctionState.Step? { state.nextStep(now: now, ladder: ladder) }

    mutating func pass(_ time: Duration) { now += time }

    mutating func scale(to count: Int) { state.accepted?.replicas = count }

    mutating func apply(_ step: FunctionState.Step) {
        history.append("\(step)")
        switch step {
        case .start:
            made += 1
            let record = ReplicaRecord(
                id: "r\(made)", function: name, generation: state.accepted?.generation ?? 0,
                networkNamespace: "r\(made)", address: nil, createdAt: 0, readiness: .port)
            state.replicas[record.id] = Replica(record: record, state: .creating)
            if let target = state.accepted.map(ReplicaTarget.init), current.count > target.most {
                problem = problem ?? "more replicas than wanted and reserved"
            }
        case .retire(let ids):
            for id in ids { state.replicas[id] = nil }
        case .rise(let ids): _ = state.rise(ids)
        case .rest(let ids): turns += state.beginRest(ids)
        case .revive(let ids): _ = state.beginRevival(ids)
        case .reclaim(let ids): _ = state.beginReclaim(ids)
        case .stop(let ids):
            state.beginStop(ids)
            for id in ids {
                if case .halting(let address) = state.replicas[id]?.state {
                    state.replicas[id]?.state = .stopped(address: address)
                }
            }
        case .wait: break
        }
        look()
    }

    private var current: [Replica] {
        state.replicas.values.filter { $0.counts && $0.generation == state.accepted?.generation }
    }

    mutating func finishStarts() {
        for replica in state.replicas.values { advance(replica.id) }
    }

    private mutating func advance(_ id: String) {
        let wait = "10.0.0.\(id.dropFirst())"
        if state.replicas[id]?.state == .creating { state.replicas[id]?.state = .starting(address: wait, pid: 1) }
        if let turn = state.becameReady(id, now: now + .seconds(made)) { turns.append((id, turn)) }
    }

    /// All attempts to freeze come to their end, the outdated ones as well.
    mutating func freezeAll() {
        for (id, turn) in turns { state.froze(id, turn: turn, by: cgroup, now: now) }
        turns = []
        look()
    }

    /// One thing happens.
    mutating func happens(_ random: inout some RandomNumberGenerator) {
        let ids = state.replicas.keys.sorted()
        switch Int.random(in: 0..<13, using: &random) {
        case 0, 1, 2: if let step = nextStep { apply(step) }
        case 3, 4: if let id = ids.randomElement(using: &random) { note("advance \(id)") { $0.advance(id) } }
        case 5:
            guard !turns.isEmpty else { return }
            let (id, turn) = turns.remove(at: .random(in: 0..<turns.count, using: &random))
            note("froze \(id) \(turn)") { $0.state.froze(id, turn: turn, by: $0.cgroup, now: $0.now) }
        case 6, 7: note("wake") { _ = $0.state.wake(called: $0.now) }
        case 8:
            let count = Int.random(in: 0...5, using: &random)
            note("scale \(count)") { $0.scale(to: count) }
        case 9: note("scale 0") { $0.scale(to: 0) }
        case 10:
            guard let id = ids.randomElement(using: &random) else { return }
            note("end \(id)") { function in
                if function.state.replicas[id]?.hasEnded == true {
                    function.state.replicas[id] = nil
                } else {
                    function.state.replicas[id]?.hasEnded = true
                }
            }
        case 11:
            let seconds = Int.random(in: 0...200, using: &random)
            note("\(seconds) s later") { $0.pass(.seconds(seconds)) }
        default: note("update") { $0.state.accepted?.generation += 1 }
        }
    }

    private mutating func note(_ event: String, _ change: (inout FunctionSimulation) -> Void) {
        history.append(event)
        change(&self)
        look()
    }

    private mutating func look() {
        guard case .ready(let endpoints) = state.availability(now: now) else { return }
        for endpoint in endpoints {
            guard case .ready = state.replicas[endpoint.id]?.state else {
                problem = problem ?? "\(endpoint.id) is to be called in its rest"
                return
            }
        }
    }

    /// Lets everything that was begun come to its end, and nothing else happen.
    mutating func settle() {
        for _ in 0..<100 {
            for replica in state.replicas.values where replica.hasEnded { state.replicas[replica.id] = nil }
            finishStarts()
            freezeAll()
            guard let step = nextStep else { return }
            if case .wait = step { return }
            apply(step)
        }
        problem = problem ?? "it never comes to its end"
    }

    /// What is not as it should be in the end.
    var unsettled: String? {
        guard problem == nil, let accepted = state.accepted else { return problem }
        let target = ReplicaTarget(of: accepted)
        let serving = state.callable.count
        if serving != target.ready { return "\(serving) serve, not \(target.ready)" }
        if state.replicas.count > target.most { return "more replicas than wanted and reserved" }
        let reserves = state.replicas.values.count { $0.restStage == .frozen }
        if reserves < target.reserve { return "\(reserves) reserves, not \(target.reserve)" }
        return nil
    }
}
