/// The process of a function that serves HTTP by itself: started once, with the watchdog.
final class ResidentFunction: ChildOwner {
    private unowned let server: Server
    private var child: ChildProcess?
    private let started = Instant.now()

    init(_ server: Server) throws(SystemError) {
        self.server = server
        let launched = try server.launcher.launchResident()
        guard let process = launched.process else { return }
        child = ChildProcess(process, launched, table: server.processes, owner: self, logsOutput: true)
    }

    /// Whether it may be that it does not listen yet.
    var isStarting: Bool { child != nil && Instant.now() - started < Limits.upstreamStart }

    func childEnded(_ status: ExitStatus) {
        child = nil
        server.functionEnded(status)
    }
}
