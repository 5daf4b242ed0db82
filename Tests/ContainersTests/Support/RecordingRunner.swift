import Synchronization

@testable import Containers

/// Writes down every command and answers as the test says; nothing is run.
final class RecordingRunner: CommandRunner {
    typealias Answer = @Sendable (Command) throws -> CommandResult

    private let commands = Mutex<[Command]>([])
    private let answer: Answer

    init(_ answer: @escaping Answer = { _ in CommandResult(status: .exited(0)) }) {
        self.answer = answer
    }

    var calls: [Command] { commands.withLock { $0 } }

    /// The arguments of each call, without the global options of `ctr`.
    var requests: [[String]] { calls.map { Self.request($0.arguments) } }

    func run(_ command: Command) async throws -> CommandResult {
        commands.withLock { $0.append(command) }
        try Task.checkCancellation()
        return try answer(command)
    }

    func forEachLine(
        of command: Command, _ body: @escaping @Sendable (String) async throws -> Void
    ) async throws -> CommandResult {
        let result = try await run(command)
        for line in result.outputText.split(separator: "\n") { try await body(String(line)) }
        return result
    }

    static func request(_ arguments: [String]) -> [String] {
        var rest = arguments[...]
        while let option = rest.first, option.hasPrefix("--") { rest = rest.dropFirst(2) }
        return Array(rest)
    }
}
