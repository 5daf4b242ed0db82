import Foundation
import Subprocess
import SystemPackage

/// Programs that tests call: `curl`, `ctr`, `ip`.
public enum Shell {
    /// What a program did.
    public struct Outcome: Sendable {
        /// Its exit code; 128 + N for signal N.
        public let code: Int32
        /// Its standard output.
        public let output: String
        /// Its standard error.
        public let error: String
    }

    /// Runs a program to its end.
    public static func run(_ program: String, _ arguments: [String], input: String = "") async throws -> Outcome {
        let result = try await Subprocess.run(
            program.contains("/") ? .path(FilePath(program)) : .name(program), arguments: Arguments(arguments),
            input: .string(input), output: .string(limit: 32 << 20),
            error: .string(limit: 1 << 20))
        let code: Int32 =
            switch result.terminationStatus {
            case .exited(let code): code
            case .signaled(let signal): 128 + signal
            }
        return Outcome(code: code, output: result.standardOutput, error: result.standardError)
    }

    /// Runs a program that must succeed.
    @discardableResult
    public static func must(_ program: String, _ arguments: [String], input: String = "") async throws -> String {
        let outcome = try await run(program, arguments, input: input)
        guard outcome.code == 0 else {
            throw TestFailure("\(program) \(arguments.joined(separator: " ")): exit \(outcome.code): \(outcome.error)")
        }
        return outcome.output
    }
}

/// Waits for a fact.
///
/// - Throws: a ``TestFailure`` that names the fact when it does not come in time.
public func eventually(
    _ fact: String, within limit: Duration = .seconds(20), isolation: isolated (any Actor)? = #isolation,
    _ check: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + limit
    while try await !check() {
        guard ContinuousClock.now < deadline else { throw TestFailure("did not happen in \(limit): \(fact)") }
        try await Task.sleep(for: .milliseconds(20))
    }
}
