import CLinux
import Glibc

/// Who is told about the signals of PID 1.
protocol SignalHandler: AnyObject {
    /// One or more children have ended.
    func childrenEnded()
    /// SIGTERM or SIGINT.
    func terminationRequested()
}

/// Signals as events of the loop. They are blocked and read from a descriptor: blocked signals also reach PID 1, for
/// which the kernel throws away every signal that has its default action.
final class Signals: EventHandler {
    private let descriptor: Int32
    private unowned let handler: any SignalHandler

    init(loop: EventLoop, handler: any SignalHandler) throws {
        signal(SIGPIPE, SIG_IGN)
        var set = sigset_t()
        sigemptyset(&set)
        for number in [SIGCHLD, SIGTERM, SIGINT] { sigaddset(&set, number) }
        sigprocmask(SIG_BLOCK, &set, nil)
        descriptor = signalfd(-1, &set, O_CLOEXEC | O_NONBLOCK)
        if descriptor < 0 {
            throw WatchdogError(.system, message: "cannot listen for signals", cause: .last)
        }
        self.handler = handler
        loop.watch(descriptor, for: .readable, self)
    }

    func descriptor(_ descriptor: Int32, became readiness: Readiness) {
        var information = signalfd_siginfo()
        // The descriptor is not edge-triggered: what is left is a new event.
        let outcome = withUnsafeMutableBytes(of: &information) { Descriptors.receive(descriptor, into: $0) }
        guard case .moved = outcome else { return }
        if information.ssi_signo == UInt32(SIGCHLD) {
            handler.childrenEnded()
        } else {
            handler.terminationRequested()
        }
    }
}
