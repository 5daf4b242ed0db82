/// The operator's commands for a test's own daemon.
extension Daemon {
    /// Runs a command of `faasd` with the settings of this daemon.
    ///
    /// - Parameter arguments: the command and its own arguments.
    public nonisolated func faasd(_ arguments: String...) async throws -> Shell.Outcome {
        try await Shell.run(environment.faasd, arguments + settings + gatewayAddresses)
    }
}
