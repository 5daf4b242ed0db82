import Glibc

/// How a process ended.
enum ExitStatus: Equatable {
    case exited(Int32)
    case signaled(Int32)

    var isSuccess: Bool { self == .exited(0) }

    /// The words Go has for it, which OpenFaaS's users know: `exit status 2`, `signal: killed`.
    var text: String {
        switch self {
        case .exited(let status): "exit status \(status)"
        case .signaled(let number): "signal: \(Self.name(number))"
        }
    }

    private static func name(_ number: Int32) -> String {
        switch number {
        case SIGHUP: "hangup"
        case SIGINT: "interrupt"
        case SIGQUIT: "quit"
        case SIGILL: "illegal instruction"
        case SIGTRAP: "trace/breakpoint trap"
        case SIGABRT: "aborted"
        case SIGBUS: "bus error"
        case SIGFPE: "floating point exception"
        case SIGKILL: "killed"
        case SIGSEGV: "segmentation fault"
        case SIGPIPE: "broken pipe"
        case SIGALRM: "alarm clock"
        case SIGTERM: "terminated"
        default: "signal \(number)"
        }
    }
}
