import Foundation
import Glibc

/// Looks whether somebody else listens where the daemon is to.
struct PortCheck: Sendable {
    /// Where `proc` is mounted.
    var procRoot = "/proc"

    /// A socket that listens.
    struct Listening: Equatable {
        let host: String
        let port: Int
        let inode: String
    }

    /// Who has it open.
    struct Owner: Equatable {
        let process: String
        let name: String
    }

    func findings(_ endpoints: [Configuration.Endpoint]) -> [Finding] {
        let listening = ["tcp", "tcp6"].flatMap { file in
            Self.parse(TextFile.read("\(procRoot)/net/\(file)") ?? "")
        }
        return endpoints.filter { $0.port != 0 }.map { endpoint in
            let address = "\(endpoint.host):\(endpoint.port)"
            guard let other = listening.first(where: { Self.collides(endpoint, $0) }) else {
                return .fine("\(address) is free")
            }
            let owner = owner(of: other.inode)
            // systemd holds the sockets of faasd.socket, and is the first process.
            if let owner, owner.name == "faasd" || owner.process == "1" { return .fine("\(address) is faasd's own") }
            let who = owner.map { "\($0.name) (process \($0.process))" } ?? "another program"
            return .problem(
                "\(address) is used by \(who)",
                fix: "stop it, or listen elsewhere: sudo faasd install --listen \(endpoint.host):\(endpoint.port + 1)")
        }
    }

    static func collides(_ endpoint: Configuration.Endpoint, _ other: Listening) -> Bool {
        let anywhere = ["0.0.0.0", "::"]
        return endpoint.port == other.port
            && (endpoint.host == other.host || anywhere.contains(endpoint.host) || anywhere.contains(other.host))
    }

    /// Reads /proc/net/tcp and tcp6 (proc(5)): state 0A is LISTEN, addresses are words in the machine's order.
    static func parse(_ text: String) -> [Listening] {
        text.split(separator: "\n").compactMap { line in
            let fields = line.split(separator: " ")
            guard fields.count > 9, fields[3] == "0A" else { return nil }
            let parts = fields[1].split(separator: ":")
            guard parts.count == 2, let port = Int(parts[1], radix: 16), let host = address(String(parts[0])) else {
                return nil
            }
            return Listening(host: host, port: port, inode: String(fields[9]))
        }
    }

    private static func address(_ hexadecimal: String) -> String? {
        var words: [UInt32] = []
        var rest = hexadecimal[...]
        while rest.count >= 8 {
            guard let word = UInt32(rest.prefix(8), radix: 16) else { return nil }
            words.append(word)
            rest = rest.dropFirst(8)
        }
        guard rest.isEmpty, [1, 4].contains(words.count) else { return nil }
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let family = words.count == 1 ? AF_INET : AF_INET6
        guard words.withUnsafeBytes({ inet_ntop(family, $0.baseAddress, &text, socklen_t(text.count)) }) != nil else {
            return nil
        }
        return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// `nil` when it cannot be told: the process is another user's, or of another machine's view.
    private func owner(of inode: String) -> Owner? {
        for process in names(procRoot).filter({ $0.allSatisfy(\.isNumber) }) {
            let directory = "\(procRoot)/\(process)"
            let hasIt = names(directory + "/fd").contains { name in
                (try? FileManager.default.destinationOfSymbolicLink(atPath: "\(directory)/fd/\(name)"))
                    == "socket:[\(inode)]"
            }
            guard hasIt else { continue }
            let name = TextFile.read(directory + "/comm")?.trimmingCharacters(in: .whitespacesAndNewlines) ?? "?"
            return Owner(process: process, name: name)
        }
        return nil
    }

    private func names(_ directory: String) -> [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
    }
}
