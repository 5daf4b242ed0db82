import Containers
import Foundation

/// The ranges of addresses that something on this machine uses already, such as Docker's networks and VPNs.
struct UsedSubnets: Sendable {
    /// A range and whose it is.
    struct Range: Equatable, Sendable {
        let base: UInt32
        let length: Int
        let user: String

        func overlaps(_ other: Range) -> Bool {
            let shared = UInt32(32 - min(length, other.length))
            return shared == 32 || base >> shared == other.base >> shared
        }
    }

    let ranges: [Range]

    /// What the functions' network may be, where 10.62.0.0/16 is taken.
    static let candidates =
        ["10.62", "10.63", "10.162", "10.218", "172.26", "172.29", "192.168"].map { $0 + ".0.0/16" }

    /// Reads the routes, and the descriptions of other CNI networks.
    ///
    /// - Parameters:
    ///   - bridge: ours, whose route is no obstacle.
    ///   - ours: our own description.
    static func read(
        bridge: String, directory: String, ours: String = "10-openfaas.conflist", routes: String = "/proc/net/route"
    ) -> UsedSubnets {
        var ranges = parse(routes: TextFile.read(routes) ?? "", except: bridge)
        for name in (try? FileManager.default.subpathsOfDirectory(atPath: directory)) ?? [] where name != ours {
            guard name.hasSuffix(".conflist") || name.hasSuffix(".conf"),
                let text = TextFile.read(directory + "/" + name)
            else {
                continue
            }
            for match in text.matches(of: /"subnet"\s*:\s*"([0-9.]+\/[0-9]+)"/) {
                if let range = range(String(match.1), user: directory + "/" + name) { ranges.append(range) }
            }
        }
        return UsedSubnets(ranges: ranges)
    }

    /// Who uses a part of the range; `nil` when nobody does.
    func user(of subnet: String) -> String? { overlapping(subnet).others.first?.user }

    /// The ranges that have addresses in common with one.
    ///
    /// - Returns: `length` is that of the one asked for.
    func overlapping(_ subnet: String) -> (others: [Range], length: Int) {
        guard let wanted = Self.range(subnet, user: "") else { return ([], 0) }
        return (ranges.filter { $0.overlaps(wanted) }, wanted.length)
    }

    /// A range that nobody uses.
    func free() -> String? {
        Self.candidates.first { user(of: $0) == nil }
    }

    /// Reads /proc/net/route (proc(5)): addresses are words in the machine's order. The default route is no obstacle.
    static func parse(routes text: String, except bridge: String) -> [Range] {
        text.split(separator: "\n").dropFirst().compactMap { line in
            let fields = line.split(whereSeparator: \.isWhitespace)
            guard fields.count > 7, fields[0] != bridge, let base = UInt32(fields[1], radix: 16),
                let mask = UInt32(fields[7], radix: 16), mask != 0
            else { return nil }
            return Range(
                base: UInt32(bigEndian: base), length: UInt32(bigEndian: mask).nonzeroBitCount,
                user: "the interface \(fields[0])")
        }
    }

    private static func range(_ text: String, user: String) -> Range? {
        let parts = text.split(separator: "/")
        let bytes = parts.first?.split(separator: ".").compactMap { UInt8($0) } ?? []
        guard parts.count == 2, bytes.count == 4, let length = Int(parts[1]), (1...32).contains(length) else {
            return nil
        }
        return Range(base: bytes.reduce(0) { $0 << 8 | UInt32($1) }, length: length, user: user)
    }
}
