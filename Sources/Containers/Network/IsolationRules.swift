/// What containers of one bridge may reach, as rules of iptables, and what is to be done to have them.
///
/// Nothing is run here: the rules that are there come in as text and the change goes out as text. Rules are written as
/// `iptables -S` prints them, so that the two can be compared line by line.
struct IsolationRules: Equatable {
    /// Where clouds keep the metadata of a machine, credentials among them (RFC 3927, link-local addresses).
    static let metadataRange = "169.254.0.0/16"
    /// The chain of the CNI plugin `firewall`, which accepts all that a container sends.
    static let pluginChain = "CNI-FORWARD"

    let bridge: String
    let gateway: String
    let subnet: String
    let services: [HostService]
    /// The addresses of containers that may read metadata, sorted.
    let metadataReaders: [String]
    /// The addresses of containers that all others may reach, and that may reach them, sorted.
    var shared: [String] = []

    /// For what is sent to the host itself. With the longest bridge name it has 26 of the 28 bytes a chain may have.
    var inputChain: String { "ISOLATE-IN-\(bridge)" }
    /// For what the host is to pass on.
    var forwardChain: String { "ISOLATE-FWD-\(bridge)" }

    /// The rules of both chains, in their order.
    var rules: [String] {
        var input = ["-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT"]
        input += services.map { service in
            "-d \(gateway)/32 -p \(service.transport) -m \(service.transport) --dport \(service.port) -j ACCEPT"
        }
        // The host itself may be what answers at the address of the metadata.
        input += metadataReaders.map { "-s \($0)/32 -d \(Self.metadataRange) -j ACCEPT" }
        input += Self.rejections("")
        // Frames do not pass between the ports of the bridge; this is for packets sent by way of the host.
        // Where the kernel shows frames within a bridge to iptables (br_netfilter), it is for those, too.
        var forward = shared.flatMap { ["-d \($0)/32 -j RETURN", "-s \($0)/32 -d \(subnet) -j RETURN"] }
        forward += Self.rejections("-d \(subnet) ")
        forward += metadataReaders.map { "-s \($0)/32 -d \(Self.metadataRange) -j RETURN" }
        forward += Self.rejections("-d \(Self.metadataRange) ")
        return input.map { "-A \(inputChain) \($0)" } + forward.map { "-A \(forwardChain) \($0)" }
    }

    /// What makes the rules what they should be, for `iptables-restore --noflush`, which does all of it or nothing.
    ///
    /// - Parameter listing: What `iptables -S` printed.
    /// - Returns: nil when nothing is to be done.
    func repair(_ listing: String) -> String? {
        let lines = listing.split(separator: "\n").map(String.init)
        let jumps = jumps("INPUT", inputChain, lines) + jumps("FORWARD", forwardChain, lines)
        guard chainLines(lines) != rules || !jumps.isEmpty else { return nil }
        // Naming a chain empties it, or makes it.
        return Self.script(["\(inputChain) -", "\(forwardChain) -"].map { ":\($0) [0:0]" } + rules + jumps)
    }

    /// What removes all of it; nil when there is nothing.
    func removal(_ listing: String) -> String? {
        let lines = listing.split(separator: "\n").map(String.init)
        var changes = deletions("INPUT", inputChain, lines) + deletions("FORWARD", forwardChain, lines)
        for chain in [inputChain, forwardChain] where lines.contains("-N \(chain)") {
            changes += ["-F \(chain)", "-X \(chain)"]
        }
        return changes.isEmpty ? nil : Self.script(changes)
    }

    private static func rejections(_ destination: String) -> [String] {
        [
            "\(destination)-p tcp -j REJECT --reject-with tcp-reset",
            "\(destination)-j REJECT --reject-with icmp-admin-prohibited",
        ]
    }

    static func script(_ lines: [String]) -> String {
        (["*filter"] + lines + ["COMMIT", ""]).joined(separator: "\n")
    }

    /// The rules of our chains that are there.
    private func chainLines(_ lines: [String]) -> [String] {
        [inputChain, forwardChain].flatMap { chain in lines.filter { $0.hasPrefix("-A \(chain) ") } }
    }

    /// What makes a built-in chain jump to ours once, and before the plugin accepts what we reject: the plugin puts its
    /// own jump first whenever it is not there.
    private func jumps(_ builtIn: String, _ chain: String, _ lines: [String]) -> [String] {
        let jump = "-i \(bridge) -j \(chain)"
        let all = lines.filter { $0.hasPrefix("-A \(builtIn) ") }
        let present = deletions(builtIn, chain, lines)
        if present == ["-D \(builtIn) \(jump)"] {
            let ours = all.firstIndex(of: "-A \(builtIn) \(jump)") ?? all.endIndex
            let plugin = all.firstIndex { $0.hasSuffix("-j \(Self.pluginChain)") } ?? all.endIndex
            if ours < plugin { return [] }
        }
        return present + ["-I \(builtIn) 1 \(jump)"]
    }

    /// What takes away the jumps to our chain, however many there are.
    private func deletions(_ builtIn: String, _ chain: String, _ lines: [String]) -> [String] {
        lines.filter { $0.hasPrefix("-A \(builtIn) ") && $0.hasSuffix(" -j \(chain)") }.map { "-D" + $0.dropFirst(2) }
    }
}

/// The same for IPv6, which containers do not have: nothing of it is taken from their bridge.
struct IPv6Rules: Equatable {
    let bridge: String

    private var rules: [(chain: String, rule: String)] {
        ["INPUT", "FORWARD"].map { ($0, "-i \(bridge) -j DROP") }
    }

    /// What adds the rules that are missing; nil when none is.
    func repair(_ listing: String) -> String? {
        let lines = listing.split(separator: "\n")
        let missing = rules.filter { chain, rule in !lines.contains("-A \(chain) \(rule)") }
        return missing.isEmpty ? nil : IsolationRules.script(missing.map { "-I \($0.chain) 1 \($0.rule)" })
    }

    /// What removes the rules that are there; nil when none is.
    func removal(_ listing: String) -> String? {
        let present = rules.flatMap { chain, rule in
            listing.split(separator: "\n").filter { $0 == "-A \(chain) \(rule)" }.map { "-D" + $0.dropFirst(2) }
        }
        return present.isEmpty ? nil : IsolationRules.script(present)
    }
}
