/// The edge to other programs of the machine. Tests put a recorder, or a runner that fails to order, in its place.
public protocol CommandRunner: Sendable {
    /// Runs a program to its end.
    ///
    /// When the calling task is cancelled, or the time limit passes, the program's whole process group gets
    /// SIGTERM and shortly after SIGKILL, and the call returns only when the program is gone.
    ///
    /// - Returns: The status, whatever it is, with what the program wrote.
    /// - Throws: ``ContainersError`` with `timedOut`, or with `internalError` when the program cannot be
    ///   started or writes more than its limit; `CancellationError` when the calling task was cancelled.
    func run(_ command: Command) async throws -> CommandResult

    /// Runs a program that goes on for long, and passes on the lines of its standard output as they come.
    ///
    /// ``Command/timeLimit`` and ``Command/output`` do not apply. The program is ended when `body` throws, and
    /// when the calling task is cancelled.
    ///
    /// - Returns: How the program ended. It is data here, too.
    func forEachLine(
        of command: Command, _ body: @escaping @Sendable (String) async throws -> Void
    ) async throws -> CommandResult
}
