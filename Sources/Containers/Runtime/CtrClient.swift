import Logging

/// One `ctr` process a question, a bounded number of them at one time.
struct CtrClient: Sendable {
    /// How long `ctr` tries to reach the daemon. A daemon that is up answers in milliseconds.
    private static let connectTimeLimit = "5s"

    let settings: CtrSettings
    let runner: any CommandRunner
    private let places: ConcurrencyLimit
    private let isDaemonUp: @Sendable () -> Bool

    init(settings: CtrSettings, runner: any CommandRunner, isDaemonUp: @escaping @Sendable () -> Bool) {
        self.settings = settings
        self.runner = runner
        self.isDaemonUp = isDaemonUp
        places = ConcurrencyLimit(settings.concurrency)
    }

    /// A command for `ctr` with the options that every call has.
    func command(_ arguments: [String], namespace: String?) -> Command {
        var all = ["--address", settings.address, "--connect-timeout", Self.connectTimeLimit]
        if let namespace { all += ["--namespace", namespace] }
        return Command(settings.executable, all + arguments)
    }

    /// Asks in one of the places for short questions, and returns the result whatever it is.
    func ask(
        _ arguments: [String], namespace: String?, environment: [String: String] = [:],
        timeLimit: Duration = .seconds(30)
    ) async throws -> CommandResult {
        var command = command(arguments, namespace: namespace)
        command.environment = environment
        command.timeLimit = timeLimit
        return try await places.run { try await run(command) }
    }

    /// Runs a command of ``command(_:namespace:)``, if there is a daemon to answer it.
    func run(_ command: Command) async throws -> CommandResult {
        guard isDaemonUp() else {
            throw ContainersError(
                .unavailable, "containerd does not listen at \(settings.address); see that it is running")
        }
        return try await runner.run(command)
    }

    /// Asks, and throws when the answer is a failure.
    func require(
        _ arguments: [String], namespace: String?, about subject: String,
        request: CtrFailure.Request = .question, environment: [String: String] = [:],
        timeLimit: Duration = .seconds(30)
    ) async throws -> CommandResult {
        let result = try await ask(
            arguments, namespace: namespace, environment: environment, timeLimit: timeLimit)
        guard result.succeeded else {
            throw CtrFailure(result: result, request: request).error(about: subject)
        }
        return result
    }

    /// Asks for something to be gone.
    ///
    /// - Returns: Whether it was there.
    func removeIfPresent(
        _ arguments: [String], namespace: String?, about subject: String
    ) async throws -> Bool {
        do {
            _ = try await require(arguments, namespace: namespace, about: subject, timeLimit: .seconds(60))
            return true
        } catch let error as ContainersError where error.code == .notFound {
            return false
        }
    }

    /// The options that name the snapshotter, for the subcommands that take them.
    var snapshotterOptions: [String] {
        settings.snapshotter.map { ["--snapshotter", $0] } ?? []
    }
}
