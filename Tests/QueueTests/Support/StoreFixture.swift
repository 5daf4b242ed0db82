import Foundation
import Logging
import NATS
import NIOPosix
import Synchronization
import TestSupport

@testable import Queue

/// What keeps calls: everything that a store means holds for each.
enum StoreKind: CaseIterable, Sendable {
    case sqlite
    case nats
}

/// A store of a test's own, and whatever else works on the same calls.
final class StoreFixture: Sendable {
    private enum Place: Sendable {
        case file(String)
        case server(NATSProcess)
    }

    private struct Node: Sendable {
        let store: any CallStore
        let running: Task<Void, Never>
    }

    private let place: Place
    private let limits: QueueLimits
    private let nodes = Mutex<[Node]>([])

    private init(_ place: Place, _ limits: QueueLimits) {
        self.place = place
        self.limits = limits
    }

    /// Runs a body with a store that is ready, and removes everything afterwards.
    static func with(
        _ kind: StoreKind, _ limits: QueueLimits = QueueLimits(),
        _ body: (any CallStore, StoreFixture) async throws -> Void
    ) async throws {
        switch kind {
        case .sqlite: try await withFile(limits) { store, fixture, _ in try await body(store, fixture) }
        case .nats: try await withServer(limits) { fixture, _ in try await body(try await fixture.node(), fixture) }
        }
    }

    /// The same with a file, whose path is given.
    static func withFile(
        _ limits: QueueLimits = QueueLimits(), _ body: (SQLiteCallStore, StoreFixture, String) async throws -> Void
    ) async throws {
        let directory = NSTemporaryDirectory() + "queue-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let fixture = StoreFixture(.file(directory + "/queue.db"), limits)
        let result: Result<Void, any Error>
        do {
            let store = try SQLiteCallStore(path: directory + "/queue.db", limits: limits)
            try await fixture.add(store)
            result = .success(try await body(store, fixture, directory + "/queue.db"))
        } catch {
            result = .failure(error)
        }
        await fixture.close()
        try FileManager.default.removeItem(atPath: directory)
        try result.get()
    }

    /// The same with a server, and no node yet.
    static func withServer(
        _ limits: QueueLimits = QueueLimits(), _ body: (StoreFixture, NATSProcess) async throws -> Void
    ) async throws {
        try await NATSProcess.with { server in
            let fixture = StoreFixture(.server(server), limits)
            do {
                try await body(fixture, server)
            } catch {
                await fixture.close()
                throw error
            }
            await fixture.close()
        }
    }

    /// Another store on the same calls: another run of the daemon, or another node beside it.
    func another() async throws -> any CallStore {
        switch place {
        case .file(let path):
            let store = try SQLiteCallStore(path: path)
            try await add(store)
            return store
        case .server: return try await node()
        }
    }

    /// Another node on the same server.
    ///
    /// - Parameter isReady: whether to wait until it knows the calls.
    func node(
        takeover: Duration = .seconds(2), longestDelay: Duration = .milliseconds(10), isReady: Bool = true
    ) async throws -> JetStreamCallStore {
        guard case .server(let server) = place else { throw TestFailure("a file has no nodes") }
        let silent = Logger(label: "queue") { _ in SwiftLogNoOpLogHandler() }
        let client = NATSClient(
            configuration: NATSConfiguration(server: try NATSServer(url: server.url)),
            group: MultiThreadedEventLoopGroup.singleton, logger: silent)
        var settings = JetStreamSettings()
        settings.takeover = takeover
        settings.longestDelay = longestDelay
        let store = JetStreamCallStore(client: client, limits: limits, settings: settings, logger: silent)
        try await add(store, isReady: isReady)
        return store
    }

    private func add(_ store: any CallStore, isReady: Bool = true) async throws {
        // Ended and waited for by `end(_:)`.
        let running = Task { await store.run() }
        nodes.withLock { $0.append(Node(store: store, running: running)) }
        guard isReady else { return }
        try await eventually("the store is ready") { (try? await store.list(CallFilter())) != nil }
    }

    /// A daemon is gone without a word.
    func vanish(_ store: any CallStore) async {
        guard case .server = place else { return }
        let node = nodes.withLock { nodes in
            nodes.firstIndex { ($0.store as AnyObject) === (store as AnyObject) }.map { nodes.remove(at: $0) }
        }
        if let node { await end(node) }
    }

    private func end(_ node: Node) async {
        node.running.cancel()
        // A store that is closed twice has nothing to say that matters.
        try? await node.store.close()
        await node.running.value
    }

    private func close() async {
        for node in nodes.withLock({ $0 }) { await end(node) }
    }
}

extension CallStore {
    /// Begins one call, as soon as it is given.
    func leaseOne(now: Int64 = 0) async throws -> LeasedCall {
        var found: LeasedCall?
        try await eventually("a call is begun") {
            found = try await lease(LeaseCapacity(total: 1), now: now).calls.first
            return found != nil
        }
        guard let found else { throw TestFailure("no call was begun") }
        return found
    }

    /// Begins one callback, as soon as it is given.
    func callbackOne(now: Int64) async throws -> LeasedCallback {
        var found: LeasedCallback?
        try await eventually("a callback is begun") {
            found = try await leaseCallbacks(limit: 1, now: now).callbacks.first
            return found != nil
        }
        guard let found else { throw TestFailure("no callback was begun") }
        return found
    }
}
