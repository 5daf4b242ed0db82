/// Why the watchdog cannot start. What goes wrong later is answered or logged, never thrown.
struct WatchdogError: Error {
    enum Code: Equatable {
        /// The environment or the command line asks for something that cannot be.
        case invalidConfiguration
        /// The kernel refused; `cause` says why.
        case system
    }

    let code: Code
    let message: String
    let cause: SystemError?

    init(_ code: Code, message: String, cause: SystemError? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
    }

    /// One line for the log.
    var text: String {
        guard let cause else { return message }
        return "\(message): \(cause.text)"
    }
}
