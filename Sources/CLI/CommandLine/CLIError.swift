/// Why a command of `faas-cli` cannot go on: a sentence for its user.
struct CLIError: Error, CustomStringConvertible {
    /// The kinds of failure that a caller can tell apart.
    enum Code: Sendable, CaseIterable {
        /// The command line is not as it must be.
        case usage
        /// A stack file, a template or a file that one of them names is not as it must be.
        case stack
        /// The gateway does not answer.
        case unreachable
        /// The gateway asks for other credentials.
        case unauthorized
        /// What was asked for is not there.
        case notFound
        /// The gateway, a registry or a program refuses.
        case refused
        /// A file of this machine cannot be read or written.
        case file
        /// A program that is needed is missing, or failed.
        case program
    }

    /// The kind of failure.
    let code: Code
    /// What was wrong and, where there is something, what to do: lower case, no full stop.
    let message: String
    /// The status of the process; `faas-cli` knows only 1.
    let exitCode: Int32

    var description: String { message }

    init(_ code: Code, _ message: String, exitCode: Int32 = 1) {
        self.code = code
        self.message = message
        self.exitCode = exitCode
    }
}
