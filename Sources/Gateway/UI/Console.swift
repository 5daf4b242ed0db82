import Logging
import OpenFaaSAPI
import Proxy

/// What a gateway with a console has more than one without.
struct Console: Sendable {
    let monitor: Monitor
    let sessions: Sessions

    init(
        role: Role, provider: any FunctionProvider, counters: @escaping @Sendable () async -> [FunctionCounters],
        credentials: Credentials, version: VersionInfo, logger: Logger
    ) {
        monitor = Monitor(provider: provider, isLocal: role == .whole, version: version.release, counters: counters)
        sessions = Sessions(credentials: credentials, logger: logger)
    }

    func add(to routes: ControlRoutes) {
        ConsoleRoutes().add(to: routes)
        SessionRoutes(sessions: sessions).add(to: routes)
        MonitorRoutes(monitor: monitor, sessions: sessions).add(to: routes)
    }
}
