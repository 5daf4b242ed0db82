import Containers

/// The units of systemd that an installation writes.
struct Units: Sendable {
    let entrances: [Entrance]

    /// Of the settings, with the bridge's address and those of HTTPS and of the metrics.
    init(_ configuration: Configuration) {
        let bridge = configuration.network.subnet.gateway
        entrances =
            configuration.entrances(bridge: bridge) + configuration.secureEntrances + configuration.metricsEntrances
    }

    /// Each file of the installation with its text.
    func files(_ paths: HostPaths) throws -> [(path: String, bytes: [UInt8])] {
        guard let service = Assets.bytes(of: HostPaths.unit), let socket = Assets.bytes(of: HostPaths.socketUnit) else {
            throw InstallError("the units are not embedded")
        }
        let text = Self.socket(String(decoding: socket, as: UTF8.self), entrances: entrances)
        return [(paths.unitFile, service), (paths.socketUnitFile, Array(text.utf8))]
    }

    /// The unit of the sockets with these addresses in the place of those it has. A port that the kernel is to choose
    /// cannot be held by systemd: nobody would know it.
    static func socket(_ text: String, entrances: [Entrance]) -> String {
        let key = "ListenStream="
        let addresses = entrances.filter { $0.port != 0 }.map { entrance in
            "\(key)\(entrance.host.contains(":") ? "[\(entrance.host)]" : entrance.host):\(entrance.port)"
        }
        var isWritten = false
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).flatMap { line -> [String] in
            guard line.hasPrefix(key) else { return [String(line)] }
            defer { isWritten = true }
            return isWritten ? [] : addresses
        }
        return lines.joined(separator: "\n")
    }
}
