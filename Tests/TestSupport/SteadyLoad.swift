import Foundation
import Synchronization

/// What one client of a load expects; each client has a copy of its own.
public protocol LoadExpectation: Sendable {
    /// Before each call.
    mutating func callBegins()
    /// After each call that was answered 200.
    ///
    /// - Returns: what is wrong with the answer; `nil` when it is right.
    mutating func complaint(about body: String) -> String?
}

/// Any answer with 200 is right.
public struct Answered: LoadExpectation {
    /// Makes an expectation.
    public init() {}

    /// Nothing to remember.
    public mutating func callBegins() {}

    /// Nothing is wrong.
    public mutating func complaint(about body: String) -> String? { nil }
}

/// Clients that call one function without an end, each over one connection, while something else happens.
public struct SteadyLoad: Sendable {
    /// What a load saw.
    public struct Report: Sendable {
        /// The calls that were begun.
        public internal(set) var calls = 0
        /// How often each status was answered.
        public internal(set) var statuses: [Int: Int] = [:]
        /// The calls that went wrong.
        public internal(set) var failed = 0
        /// The first of them, a sentence each.
        public internal(set) var complaints: [String] = []

        mutating func add(_ other: Report) {
            calls += other.calls
            failed += other.failed
            statuses.merge(other.statuses) { $0 + $1 }
            complaints = Array((complaints + other.complaints).prefix(20))
        }
    }

    /// The gateway's port on the loopback address.
    let port: UInt16
    /// What is asked for.
    let path: String
    /// Makes each call a POST, which the gateway does not repeat.
    let body: String?
    /// How many call at a time.
    let clients: Int
    /// How long each waits after an answer.
    let pause: Duration

    /// Describes a load.
    public init(on daemon: Daemon, path: String, body: String? = nil, clients: Int, pause: Duration) {
        port = UInt16(daemon.port)
        self.path = path
        self.body = body
        self.clients = clients
        self.pause = pause
    }

    /// Calls while a body runs, and at least once a client.
    ///
    /// - Returns: what all clients saw; a body's error is thrown when they have ended.
    public func run(
        expecting expectation: some LoadExpectation, while body: () async throws -> Void
    ) async throws -> Report {
        let end = End()
        return try await withThrowingTaskGroup(of: Report.self) { group in
            for _ in 0..<clients { group.addTask { await client(expectation, until: end) } }
            let outcome: Result<Void, any Error>
            do {
                outcome = .success(try await body())
            } catch {
                outcome = .failure(error)
            }
            end.hasCome.store(true, ordering: .relaxed)
            var report = Report()
            for try await part in group { report.add(part) }
            try outcome.get()
            return report
        }
    }

    /// A thread of its own, because the client blocks.
    private func client(_ expectation: some LoadExpectation, until end: End) async -> Report {
        await withCheckedContinuation { continuation in
            let thread = Thread { continuation.resume(returning: calls(expectation, until: end)) }
            thread.start()
        }
    }

    private func calls(_ expectation: some LoadExpectation, until end: End) -> Report {
        var expectation = expectation
        var client = KeepAliveClient(port: port)
        var report = Report()
        repeat {
            report.calls += 1
            expectation.callBegins()
            if let complaint = complaint(of: &client, &expectation, &report.statuses) {
                report.failed += 1
                if report.complaints.count < 20 {
                    report.complaints.append("\(Date()), call \(report.calls): \(complaint)")
                }
            }
            usleep(UInt32(pause / .microseconds(1)))
        } while !end.hasCome.load(ordering: .relaxed)
        return report
    }

    private func complaint(
        of client: inout KeepAliveClient, _ expectation: inout some LoadExpectation, _ statuses: inout [Int: Int]
    ) -> String? {
        do {
            let answer = try client.call(path, body: self.body)
            statuses[answer.status, default: 0] += 1
            let body = String(decoding: answer.body, as: UTF8.self)
            guard answer.status == 200 else { return "status \(answer.status): \(body.prefix(200))" }
            return expectation.complaint(about: body)
        } catch {
            return error.reason
        }
    }

    private final class End: Sendable {
        let hasCome = Atomic(false)
    }
}
