/// A port of the host that containers may reach, on the host's address on their bridge and nowhere else.
public struct HostService: Sendable, Hashable {
    /// What the port belongs to.
    public enum Transport: String, Sendable, CaseIterable {
        /// Streams.
        case tcp
        /// Datagrams.
        case udp
    }

    /// What the port belongs to.
    public let transport: Transport
    /// The port: 1 to 65535.
    public let port: UInt16

    /// Makes a value; port 0 is refused by ``CNISettings``.
    public init(_ transport: Transport, _ port: UInt16) {
        self.transport = transport
        self.port = port
    }

    /// A resolver on the bridge's address; long answers come over TCP.
    public static let dns = [HostService(.udp, 53), HostService(.tcp, 53)]
}
