import Foundation
import TestSupport
import Testing

/// What tests of triggers do again and again, beside what those of asynchronous calls do.
extension AsyncFixture {
    /// What is known of the triggers of a function.
    func triggers(of function: String) async throws -> [[String: Any]] {
        let answer = try await admin("GET", "/system/triggers?function=\(function)")
        #expect(answer.status == 200, "\(answer.body)")
        return try #require(
            JSONSerialization.jsonObject(with: Data(answer.body.utf8)) as? [[String: Any]], "\(answer.body)")
    }

    /// The calls of a function, the oldest first.
    func calls(of function: String) async throws -> [[String: Any]] {
        let answer = try await admin("GET", "/system/async/calls?function=\(function)&limit=1000")
        let calls = try JSONSerialization.jsonObject(with: Data(answer.body.utf8)) as? [[String: Any]]
        return (calls ?? []).reversed()
    }

    /// The runs of a function by their keys, in the order in which they were taken.
    func runs(of function: String) async throws -> [Date] {
        try await calls(of: function).compactMap { call in
            guard let key = call["idempotencyKey"] as? String, key.hasPrefix("cron ") else { return nil }
            return try Date(String(key.dropFirst(5)), strategy: .iso8601)
        }
    }
}
