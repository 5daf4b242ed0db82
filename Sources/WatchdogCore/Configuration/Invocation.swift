/// What the command line asks for.
enum Invocation: Equatable {
    case version
    case healthcheck
    /// Serve; the arguments are the function's command, used when no variable names one.
    case serve(command: [String])

    /// - Parameter arguments: the command line with the watchdog's own name. Only the first word can be a flag, as all
    ///   that follows belongs to the function.
    init(arguments: [String]) {
        let rest = Array(arguments.dropFirst())
        switch rest.first {
        case "-version", "--version": self = .version
        case "-run-healthcheck", "--run-healthcheck": self = .healthcheck
        case "--": self = .serve(command: Array(rest.dropFirst()))
        default: self = .serve(command: rest)
        }
    }
}
