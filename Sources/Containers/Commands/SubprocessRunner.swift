import Glibc
import Subprocess
import SystemPackage

/// Runs programs of this machine, each in a session of its own so that all of it can be ended.
public struct SubprocessRunner: CommandRunner {
    /// The longest line passed on by ``forEachLine(of:_:)``, in bytes.
    private static let maximumLine = 1 << 20

    /// How long a program has to end after SIGTERM, before SIGKILL.
    private static let teardown: [TeardownStep] = [
        .send(signal: .terminate, toProcessGroup: true, allowedDurationToNextStep: .seconds(2))
    ]

    private let owner: String?

    /// Makes a runner.
    ///
    /// - Parameter owner: The name under which ``LeftoverPrograms`` finds what is called, when this process is killed.
    ///
    /// From then on this process ignores SIGPIPE: a program that ends without reading its input must be an error of
    /// that call, not the end of the caller. Programs are started with the signal's default.
    public init(owner: String? = nil) {
        self.owner = owner
        signal(SIGPIPE, SIG_IGN)
    }

    /// See ``CommandRunner/run(_:)``.
    public func run(_ command: Command) async throws -> CommandResult {
        try await withTimeLimit(
            command.timeLimit,
            orThrow: ContainersError(.timedOut, "\(command.name) did not end within \(command.timeLimit)")
        ) {
            try await execute(marked(command, LeftoverPrograms.variable)) { output in
                switch command.output {
                case .collected(let limit): try await Self.collect(output, limit: limit, of: command)
                case .discarded: try await Self.drain(output)
                }
            }
        }
    }

    /// See ``CommandRunner/forEachLine(of:_:)``.
    public func forEachLine(
        of command: Command, _ body: @escaping @Sendable (String) async throws -> Void
    ) async throws -> CommandResult {
        try await execute(marked(command, LeftoverPrograms.followerVariable)) { output in
            var splitter = LineSplitter(maximumLength: Self.maximumLine)
            for try await buffer in output {
                for piece in buffer.withUnsafeBytes({ splitter.append($0) }) {
                    guard piece.endsLine else {
                        throw ContainersError(.internalError, "\(command.name) wrote a line that is too long")
                    }
                    try await body(String(decoding: piece.bytes, as: UTF8.self))
                }
            }
            return []
        }
    }

    private func marked(_ command: Command, _ variable: String) -> Command {
        var command = command
        if let owner { command.environment[variable] = owner }
        return command
    }

    private typealias Consumer = @Sendable (SubprocessOutputSequence) async throws -> [UInt8]

    private func execute(_ command: Command, _ consume: @escaping Consumer) async throws -> CommandResult {
        do {
            let result =
                switch command.input {
                case .none: try await start(command, input: .none) { try await capture($0, command, consume) }
                case .bytes(let bytes): try await execute(command, reading: bytes, consume)
                case .terminalLine(let line): try await execute(command, atTerminalWith: line, consume)
                }
            try Task.checkCancellation()
            return result
        } catch let error as SubprocessError {
            try Task.checkCancellation()
            throw ContainersError(.internalError, "\(command.name) could not be run", details: error.description)
        }
    }

    /// The bytes are written here and not by the library's `.array` input: that one leaves its pipe open, and for this
    /// ends the whole process, when the program ends without having read all (seen with version 1.0.2).
    private func execute(
        _ command: Command, reading bytes: [UInt8], _ consume: @escaping Consumer
    ) async throws -> CommandResult {
        try await start(command, input: .inputWriter) { execution in
            let writer = execution.standardInputWriter
            async let written: Void = Self.write(bytes, to: writer)
            let captured = try await capture(execution, command, consume)
            await written
            return captured
        }
    }

    /// A program need not read its input, so a broken pipe is no failure.
    private static func write(_ bytes: [UInt8], to writer: StandardInputWriter) async {
        _ = try? await writer.write(bytes)
        try? await writer.finish()
    }

    private func execute(
        _ command: Command, atTerminalWith line: String, _ consume: @escaping Consumer
    ) async throws -> CommandResult {
        let terminal = try PseudoTerminal(typing: line)
        defer { terminal.close() }
        let input = FileDescriptorInput.fileDescriptor(
            FileDescriptor(rawValue: terminal.programSide), closeAfterSpawningProcess: false)
        return try await start(command, input: input) { try await capture($0, command, consume) }
    }

    private func start<Input: InputProtocol>(
        _ command: Command, input: Input,
        _ body: (Execution<Input, SequenceOutput, SequenceOutput>) async throws -> Captured
    ) async throws -> CommandResult {
        var options = PlatformOptions()
        options.createSession = true
        options.teardownSequence = Self.teardown
        let variables = command.environment.map {
            (Environment.Key(stringLiteral: $0), Optional($1))
        }
        let result = try await Subprocess.run(
            command.executable.hasPrefix("/") ? .path(FilePath(command.executable)) : .name(command.executable),
            arguments: Arguments(command.arguments),
            environment: .inherit.updating(Dictionary(uniqueKeysWithValues: variables)),
            platformOptions: options, input: input, output: .sequence, error: .sequence, body: body)
        return CommandResult(
            status: Self.status(result.terminationStatus), output: result.closureResult.output,
            error: result.closureResult.error)
    }

    private struct Captured: Sendable {
        var output: [UInt8]
        var error: String
    }

    private func capture<Input: InputProtocol>(
        _ execution: Execution<Input, SequenceOutput, SequenceOutput>, _ command: Command, _ consume: Consumer
    ) async throws -> Captured {
        let error = execution.standardError
        let errorLimit = command.errorLimit
        async let errorText = Self.tail(error, limit: errorLimit)
        do {
            let captured = Captured(output: try await consume(execution.standardOutput), error: try await errorText)
            if Task.isCancelled { await end(execution) }
            return captured
        } catch {
            // Before anything else is waited for: what still reads or writes waits for the program.
            await end(execution)
            throw error
        }
    }

    /// The leader is not reaped before the closure that has the execution ends, so its group's number is its own.
    private func end<Input: InputProtocol>(
        _ execution: Execution<Input, SequenceOutput, SequenceOutput>
    ) async {
        await execution.teardown(using: Self.teardown)
        try? execution.send(signal: .kill, toProcessGroup: true)
    }

    private static func status(_ status: TerminationStatus) -> CommandResult.Status {
        switch status {
        case .exited(let code): .exited(code)
        case .signaled(let number): .signalled(number)
        }
    }

    private static func collect(
        _ output: SubprocessOutputSequence, limit: Int, of command: Command
    ) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        for try await buffer in output {
            guard bytes.count + buffer.count <= limit else {
                throw ContainersError(.internalError, "\(command.name) wrote more than \(limit) bytes")
            }
            buffer.withUnsafeBytes { bytes.append(contentsOf: $0) }
        }
        return bytes
    }

    private static func drain(_ output: SubprocessOutputSequence) async throws -> [UInt8] {
        for try await _ in output {}
        return []
    }

    private static func tail(_ output: SubprocessOutputSequence, limit: Int) async throws -> String {
        var bytes: [UInt8] = []
        for try await buffer in output {
            buffer.withUnsafeBytes { bytes.append(contentsOf: $0) }
            if bytes.count > limit { bytes.removeFirst(bytes.count - limit) }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
