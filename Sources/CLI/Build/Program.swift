import Foundation
import Subprocess
import SystemPackage

/// Runs programs of this machine: `git`, and what builds images. There is no shell in between, so no argument is ever
/// split or expanded.
struct Program: Sendable {
    /// What a program did.
    struct Outcome: Sendable {
        /// Its exit code; 128 + N after signal N.
        var code: Int32
        var output: String
        var error: String
    }

    /// Where lines of a program that runs go.
    typealias LineSink = @Sendable (String) -> Void

    let name: String
    /// Variables beside those of this process.
    var environment: [String: String] = [:]
    var directory: String?

    /// Runs it to its end.
    ///
    /// - Parameter limit: the most bytes of output that are kept; more is an error.
    /// - Throws: ``CLIError`` when it cannot be started.
    func run(_ arguments: [String], limit: Int = 1 << 20) async throws -> Outcome {
        try await checked {
            let result = try await Subprocess.run(
                .name(name), arguments: Arguments(arguments), environment: variables,
                workingDirectory: directory.map { FilePath($0) }, platformOptions: Self.options, input: .none,
                output: .string(limit: limit), error: .string(limit: limit))
            return Outcome(
                code: Self.code(result.terminationStatus), output: result.standardOutput, error: result.standardError)
        }
    }

    /// Runs it and passes on each line that it writes, on either stream, as it comes.
    func follow(_ arguments: [String], _ sink: @escaping LineSink) async throws -> Int32 {
        try await checked {
            let result = try await Subprocess.run(
                .name(name), arguments: Arguments(arguments), environment: variables,
                workingDirectory: directory.map { FilePath($0) }, platformOptions: Self.options, input: .none,
                output: .sequence, error: .sequence
            ) { execution in
                async let errors: Void = Self.lines(of: execution.standardError, sink)
                try await Self.lines(of: execution.standardOutput, sink)
                try await errors
            }
            return Self.code(result.terminationStatus)
        }
    }

    /// Whether there is a program of this name.
    static func exists(_ name: String, _ surroundings: Surroundings) -> Bool {
        (surroundings["PATH"] ?? "/usr/local/bin:/usr/bin:/bin").split(separator: ":").contains { folder in
            FileManager.default.isExecutableFile(atPath: "\(folder)/\(name)")
        }
    }

    private var variables: Environment {
        .inherit.updating(
            Dictionary(uniqueKeysWithValues: environment.map { (Environment.Key(stringLiteral: $0), Optional($1)) }))
    }

    /// Ctrl-C ends the build with this program, and with what the program has started: a group of its own, since buildah
    /// does not take its containers' processes with it.
    private static var options: PlatformOptions {
        var options = PlatformOptions()
        options.processGroupID = 0
        options.teardownSequence = [
            .send(signal: .terminate, toProcessGroup: true, allowedDurationToNextStep: .seconds(5))
        ]
        return options
    }

    private func checked<Value>(_ body: () async throws -> Value) async throws -> Value {
        do {
            let value = try await body()
            // What it did while it was being ended means nothing.
            try Task.checkCancellation()
            return value
        } catch let error as CLIError {
            throw error
        } catch {
            try Task.checkCancellation()
            throw CLIError(.program, "cannot run \(name): is it installed?")
        }
    }

    private static func code(_ status: TerminationStatus) -> Int32 {
        switch status {
        case .exited(let code): code
        case .signaled(let number): 128 + number
        }
    }

    private static func lines(of output: SubprocessOutputSequence, _ sink: LineSink) async throws {
        var rest: [UInt8] = []
        for try await buffer in output {
            buffer.withUnsafeBytes { rest.append(contentsOf: $0) }
            while let end = rest.firstIndex(where: { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }) {
                if end > 0 { sink(String(decoding: rest[..<end], as: UTF8.self)) }
                rest.removeFirst(end + 1)
            }
            // A progress bar that never ends its line.
            if rest.count > 64 << 10 {
                sink(String(decoding: rest, as: UTF8.self))
                rest.removeAll()
            }
        }
        if !rest.isEmpty { sink(String(decoding: rest, as: UTF8.self)) }
    }
}
