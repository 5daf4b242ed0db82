/// An address that the daemon is to listen on.
struct Entrance: Sendable, Equatable {
    let host: String
    let port: Int
    /// Whether the address may be missing from every interface for now.
    var comesLater = false
}

extension Configuration {
    /// The addresses that were asked for.
    var entrances: [Entrance] { listen.map { Entrance(host: $0.host, port: $0.port) } }

    /// The addresses with encrypted connections.
    var secureEntrances: [Entrance] { tls.listen.map { Entrance(host: $0.host, port: $0.port) } }

    /// The addresses of the metrics.
    var metricsEntrances: [Entrance] { metricsListen.map { Entrance(host: $0.host, port: $0.port) } }

    /// The addresses that were asked for, and the bridge's own, where functions find `gateway`.
    ///
    /// - Parameter address: the bridge's. It comes with the first replica, so it may be missing until then.
    func entrances(bridge address: String) -> [Entrance] {
        let coversAll = listen.contains { ["0.0.0.0", "::"].contains($0.host) }
        guard !coversAll, let port = listen.first?.port, port != 0 else { return entrances }
        return entrances + [Entrance(host: address, port: port, comesLater: true)]
    }
}
