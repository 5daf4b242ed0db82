import Glibc

/// What a client is told when no process could be started.
enum LaunchFailure {
    static func reply(_ error: SystemError, command: String) -> Reply {
        let text = "cannot start \"\(command.prefix(Limits.shownText))\": \(error.text)"
        switch error.number {
        case E2BIG: return .platform(.headTooLarge, "request head is too large for the function's environment")
        case EAGAIN, ENOMEM, EMFILE, ENFILE: return .platform(.unavailable, text)
        default: return .platform(.internalError, text)
        }
    }
}
