import Foundation
import OpenFaaSAPI

@testable import Queue

/// Calls as tests need them.
enum Calls {
    static let function = name("f")

    static func name(_ text: String) -> FunctionName {
        do {
            return try FunctionName(text)
        } catch {
            preconditionFailure("\(text) is not a function's name")
        }
    }

    static func make(
        _ id: String = UUID().uuidString, function: FunctionName = function, queue: String = "faas-request",
        body: String = "", callback: String? = nil, key: String? = nil, at time: Int64 = 0
    ) -> QueuedCall {
        QueuedCall(
            id: id, function: function, spelling: function.name, queue: queue,
            request: CallRequest(
                method: "POST", target: "/path?query=1", headers: [HeaderField("X-Test", "a:b")], body: Data(body.utf8)),
            callbackURL: callback, idempotencyKey: key, acceptedAt: time)
    }
}

/// A store in a directory of its own.
struct StoreFixture {
    let path: String

    static func with(
        _ limits: QueueLimits = QueueLimits(), _ body: (SQLiteCallStore, StoreFixture) async throws -> Void
    ) async throws {
        let directory = NSTemporaryDirectory() + "queue-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let fixture = StoreFixture(path: directory + "/queue.db")
        let store = try SQLiteCallStore(path: fixture.path, limits: limits)
        do {
            try await body(store, fixture)
        } catch {
            try? store.close()
            try FileManager.default.removeItem(atPath: directory)
            throw error
        }
        try? store.close()
        try FileManager.default.removeItem(atPath: directory)
    }
}

extension SQLiteCallStore {
    /// Begins one call.
    func leaseOne(now: Int64 = 0) async throws -> LeasedCall? {
        try await lease(LeaseCapacity(total: 1), now: now).calls.first
    }
}
