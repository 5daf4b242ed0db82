import Glibc

/// What a client is told when no process could be started.
enum LaunchFailure {
    static func describe(_ error: SystemError, command: String) -> (status: StatusCode, text: String) {
        let text = "cannot start \"\(command.prefix(Limits.shownText))\": \(error.text)"
        switch error.number {
        case E2BIG: return (.headTooLarge, "request head is too large for the function's environment")
        case EAGAIN, ENOMEM, EMFILE, ENFILE: return (.unavailable, text)
        default: return (.internalError, text)
        }
    }
}
