import Containers
import Foundation

/// Looks whether the functions' addresses are somebody else's, too.
struct SubnetCheck: Sendable {
    /// A route of the main table.
    struct Route: Equatable {
        let device: String
        let base: UInt32
        let prefixLength: Int

        var text: String {
            let bytes = (0..<4).map { String(base >> UInt32(24 - 8 * $0) & 0xFF) }
            return bytes.joined(separator: ".") + "/\(prefixLength)"
        }
    }

    let subnet: Subnet
    let bridge: String

    func run() -> [Diagnosis] {
        guard let table = try? String(contentsOfFile: "/proc/net/route", encoding: .utf8) else { return [] }
        return diagnoses(Self.routes(table))
    }

    func diagnoses(_ routes: [Route]) -> [Diagnosis] {
        guard let own = Self.parse(subnet.description) else { return [] }
        let fix =
            "choose a free range with the setting subnet; then: systemctl stop faasd; faasd down; systemctl start faasd"
        let others = routes.filter { $0.device != bridge && $0.prefixLength > 0 && Self.overlap($0, own) }
        guard !others.isEmpty else { return [.fine("the functions' addresses \(subnet) are nobody else's")] }
        return others.map { route in
            let text = "the functions' addresses \(subnet) are also those of \(route.device) (\(route.text))"
            // A more general route loses against the bridge's; only its machines in our range are not reached.
            return route.prefixLength < own.prefixLength ? .warning(text, fix: fix) : .problem(text, fix: fix)
        }
    }

    private static func overlap(_ one: Route, _ other: Route) -> Bool {
        let shift = UInt32(32 - min(one.prefixLength, other.prefixLength))
        return one.base >> shift == other.base >> shift
    }

    private static func parse(_ text: String) -> Route? {
        let parts = text.split(separator: "/")
        guard parts.count == 2, let length = Int(parts[1]) else { return nil }
        let bytes = parts[0].split(separator: ".").compactMap { UInt32($0) }
        guard bytes.count == 4 else { return nil }
        return Route(device: "", base: bytes.reduce(0) { $0 << 8 | $1 }, prefixLength: length)
    }

    /// Reads /proc/net/route: device, destination and mask as numbers in the order of this machine.
    static func routes(_ table: String) -> [Route] {
        table.split(separator: "\n").dropFirst().compactMap { line in
            let fields = line.split(whereSeparator: \.isWhitespace)
            guard fields.count > 7, let base = UInt32(fields[1], radix: 16), let mask = UInt32(fields[7], radix: 16)
            else { return nil }
            return Route(
                device: String(fields[0]), base: UInt32(bigEndian: base),
                prefixLength: UInt32(bigEndian: mask).leadingOnes)
        }
    }
}

extension UInt32 {
    fileprivate var leadingOnes: Int { (~self).leadingZeroBitCount }
}
