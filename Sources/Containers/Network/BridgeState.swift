import Glibc

/// Whether the bridge of a network is as the network needs it.
public enum BridgeState: Sendable, Equatable {
    /// There is none: nothing was attached yet, or somebody removed it.
    case absent
    /// It is there, up, and has the gateway's address.
    case present
    /// It is there and does not work; the text says why.
    case broken(String)
}

/// Reads it from the kernel, without another program.
struct BridgeProbe {
    let systemDirectory: String
    let bridge: String
    let gateway: String

    /// IFF_UP of linux/if.h.
    private static let up: UInt32 = 1

    func state() -> BridgeState {
        let directory = "\(systemDirectory)/class/net/\(bridge)"
        guard access(directory, F_OK) == 0 else { return .absent }
        guard access("\(directory)/bridge", F_OK) == 0 else { return .broken("\(bridge) is not a bridge") }
        guard let flags = SmallFile.read("\(directory)/flags").flatMap(Self.flags), flags & Self.up != 0 else {
            return .broken("the bridge \(bridge) is down")
        }
        guard Self.address(of: bridge) == gateway else {
            return .broken("the bridge \(bridge) has lost the address \(gateway)")
        }
        return .present
    }

    /// Whether a device is a port of the bridge.
    func hasPort(_ device: String) -> Bool {
        access("\(systemDirectory)/class/net/\(bridge)/brif/\(device)", F_OK) == 0
    }

    /// Written as `0x1003`.
    private static func flags(_ text: String) -> UInt32? {
        text.split(whereSeparator: \.isWhitespace).first.flatMap { UInt32($0.dropFirst(2), radix: 16) }
    }

    /// The first IPv4 address of a device, by SIOCGIFADDR (netdevice(7)): sysfs has none.
    private static func address(of device: String) -> String? {
        let socket = socket(AF_INET, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard socket >= 0 else { return nil }
        defer { close(socket) }
        var request = ifreq()
        let name = Array(device.utf8)
        guard name.count < Int(IFNAMSIZ) else { return nil }
        withUnsafeMutableBytes(of: &request.ifr_ifrn) { $0.copyBytes(from: name) }
        guard ioctl(socket, UInt(SIOCGIFADDR), &request) == 0 else { return nil }
        return withUnsafeBytes(of: &request.ifr_ifru) { bytes in
            // A sockaddr_in: family, port, then the address in the order of the wire.
            bytes[4..<8].map { String($0) }.joined(separator: ".")
        }
    }
}
