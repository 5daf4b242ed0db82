import Testing

@testable import Containers

@Suite struct IsolationRulesTests {
    private static let rules = IsolationRules(
        bridge: "br9", gateway: "10.9.0.1", subnet: "10.9.0.0/24",
        services: [HostService(.tcp, 8080)] + HostService.dns, metadataReaders: ["10.9.0.7"])

    private static let chains = """
        -A ISOLATE-IN-br9 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
        -A ISOLATE-IN-br9 -d 10.9.0.1/32 -p tcp -m tcp --dport 8080 -j ACCEPT
        -A ISOLATE-IN-br9 -d 10.9.0.1/32 -p udp -m udp --dport 53 -j ACCEPT
        -A ISOLATE-IN-br9 -d 10.9.0.1/32 -p tcp -m tcp --dport 53 -j ACCEPT
        -A ISOLATE-IN-br9 -s 10.9.0.7/32 -d 169.254.0.0/16 -j ACCEPT
        -A ISOLATE-IN-br9 -p tcp -j REJECT --reject-with tcp-reset
        -A ISOLATE-IN-br9 -j REJECT --reject-with icmp-admin-prohibited
        -A ISOLATE-FWD-br9 -d 10.9.0.0/24 -p tcp -j REJECT --reject-with tcp-reset
        -A ISOLATE-FWD-br9 -d 10.9.0.0/24 -j REJECT --reject-with icmp-admin-prohibited
        -A ISOLATE-FWD-br9 -s 10.9.0.7/32 -d 169.254.0.0/16 -j RETURN
        -A ISOLATE-FWD-br9 -d 169.254.0.0/16 -p tcp -j REJECT --reject-with tcp-reset
        -A ISOLATE-FWD-br9 -d 169.254.0.0/16 -j REJECT --reject-with icmp-admin-prohibited
        """

    private static let empty = "-P INPUT ACCEPT\n-P FORWARD ACCEPT\n-P OUTPUT ACCEPT\n"

    /// As `iptables -S` prints it: new chains in the order of their names.
    private static func listing(input: [String] = ["-i br9 -j ISOLATE-IN-br9"], forward: [String]) -> String {
        let jumps = input.map { "-A INPUT \($0)" } + forward.map { "-A FORWARD \($0)" }
        let all = chains.split(separator: "\n").map(String.init)
        let sorted = all.filter { $0.contains("-FWD-") } + all.filter { $0.contains("-IN-") }
        return empty + "-N CNI-FORWARD\n-N ISOLATE-FWD-br9\n-N ISOLATE-IN-br9\n"
            + (jumps + sorted).joined(separator: "\n") + "\n"
    }

    private static let jump = "-i br9 -j ISOLATE-FWD-br9"
    private static let plugin = #"-m comment --comment "CNI firewall plugin rules" -j CNI-FORWARD"#

    @Test func theFirstTime() {
        #expect(
            Self.rules.repair(Self.empty) == """
                *filter
                :ISOLATE-IN-br9 - [0:0]
                :ISOLATE-FWD-br9 - [0:0]
                \(Self.chains)
                -I INPUT 1 -i br9 -j ISOLATE-IN-br9
                -I FORWARD 1 -i br9 -j ISOLATE-FWD-br9
                COMMIT

                """)
        #expect(Self.rules.removal(Self.empty) == nil)
    }

    @Test func nothingToDo() {
        for forward in [[Self.jump], [Self.jump, Self.plugin], ["-i x -j ACCEPT", Self.jump, Self.plugin]] {
            #expect(Self.rules.repair(Self.listing(forward: forward)) == nil)
        }
    }

    /// Whatever is there before, ours is in it once afterwards, and first.
    @Test(arguments: [
        [], [plugin], [plugin, jump], [jump, plugin, jump], [jump, jump], ["-i br9 -p tcp -j ISOLATE-FWD-br9"],
    ])
    func jumpsInTheWrongPlace(forward: [String]) throws {
        let script = try #require(Self.rules.repair(Self.listing(forward: forward)))
        let lines = script.split(separator: "\n").map(String.init)
        let deleted = lines.filter { $0.hasPrefix("-D ") }
        #expect(deleted == forward.filter { $0.hasSuffix("ISOLATE-FWD-br9") }.map { "-D FORWARD \($0)" })
        #expect(lines.filter { $0.hasPrefix("-I ") } == ["-I FORWARD 1 \(Self.jump)"])
    }

    @Test func aRuleThatIsMissingOrTooMuch() throws {
        let good = Self.listing(forward: [Self.jump, Self.plugin])
        let lines = good.split(separator: "\n").map(String.init)
        for (number, line) in lines.enumerated() where line.hasPrefix("-A ISOLATE") {
            var less = lines
            less.remove(at: number)
            #expect(Self.rules.repair(less.joined(separator: "\n")) != nil, "\(line)")
        }
        #expect(Self.rules.repair(good + "-A ISOLATE-FWD-br9 -j ACCEPT\n") != nil)
        var other = Self.rules
        other = IsolationRules(
            bridge: other.bridge, gateway: other.gateway, subnet: other.subnet, services: other.services,
            metadataReaders: [])
        #expect(other.repair(good)?.contains("10.9.0.7") == false)
    }

    /// Another instance's bridge has a longer name, and its rules are not touched.
    @Test func anotherBridge() {
        let other = Self.listing(forward: [Self.jump]).split(separator: "\n").map {
            $0.hasPrefix("-N CNI") || $0.hasPrefix("-P") ? String($0) : $0 + "x"
        }
        #expect(Self.rules.removal(other.joined(separator: "\n")) == nil)
        let longest = IsolationRules(
            bridge: "fifteen-letters", gateway: "", subnet: "", services: [], metadataReaders: [])
        #expect(longest.inputChain.utf8.count <= 28 && longest.forwardChain.utf8.count <= 28)
    }

    @Test func removal() {
        let listing = Self.listing(forward: [Self.jump, Self.plugin, Self.jump])
        #expect(
            Self.rules.removal(listing) == """
                *filter
                -D INPUT -i br9 -j ISOLATE-IN-br9
                -D FORWARD -i br9 -j ISOLATE-FWD-br9
                -D FORWARD -i br9 -j ISOLATE-FWD-br9
                -F ISOLATE-IN-br9
                -X ISOLATE-IN-br9
                -F ISOLATE-FWD-br9
                -X ISOLATE-FWD-br9
                COMMIT

                """)
    }

    @Test func version6() {
        let rules = IPv6Rules(bridge: "br9")
        let input = "-A INPUT -i br9 -j DROP\n"
        let forward = "-A FORWARD -i br9 -j DROP\n"
        #expect(
            rules.repair(Self.empty) == "*filter\n-I INPUT 1 -i br9 -j DROP\n-I FORWARD 1 -i br9 -j DROP\nCOMMIT\n")
        #expect(rules.repair(Self.empty + input) == "*filter\n-I FORWARD 1 -i br9 -j DROP\nCOMMIT\n")
        #expect(rules.repair(Self.empty + input + forward) == nil)
        #expect(rules.removal(Self.empty) == nil)
        #expect(
            rules.removal(input + input + forward)
                == "*filter\n-D INPUT -i br9 -j DROP\n-D INPUT -i br9 -j DROP\n-D FORWARD -i br9 -j DROP\nCOMMIT\n")
        #expect(rules.removal("-A INPUT -i br99 -j DROP\n") == nil)
    }
}

@Suite struct BridgeProbeTests {
    @Test func fromFiles() async throws {
        try await TemporaryDirectory.with { directory in
            // The loopback device is there on every machine, and has its address.
            let probe = BridgeProbe(systemDirectory: directory.path, bridge: "lo", gateway: "127.0.0.1")
            #expect(probe.state() == .absent)
            try directory.write("0x9\n", to: "class/net/lo/flags")
            #expect(probe.state() == .broken("lo is not a bridge"))
            try directory.write("", to: "class/net/lo/bridge/bridge_id")
            #expect(probe.state() == .present)
            let other = BridgeProbe(systemDirectory: directory.path, bridge: "lo", gateway: "10.9.0.1")
            #expect(other.state() == .broken("the bridge lo has lost the address 10.9.0.1"))
            for flags in ["0x8\n", "", "x\n"] {
                try directory.write(flags, to: "class/net/lo/flags")
                #expect(probe.state() == .broken("the bridge lo is down"))
            }
            #expect(!probe.hasPort("veth1"))
            try directory.write("", to: "class/net/lo/brif/veth1/isolated")
            #expect(probe.hasPort("veth1"))
        }
    }
}

@Suite struct HostDeviceTests {
    private static func settings() throws -> CNISettings {
        try CNISettings(
            networkName: "n", bridge: "br9", subnet: Subnet("10.9.0.0/24"), configurationFile: "x.conflist",
            dataDirectory: "/data")
    }

    @Test func ofAResult() throws {
        let text = """
            {"interfaces":[{"name":"br9"},{"name":"eth0","sandbox":"/run/netns/x"},{"name":"veth1","sandbox":""}]}
            """
        #expect(try CNIResult.hostDevice(text, settings: Self.settings()) == "veth1")
    }

    @Test(arguments: [
        "", "{}", #"{"interfaces":[{"name":"br9"}]}"#, #"{"interfaces":[{"name":"-x"}]}"#,
        #"{"interfaces":[{"name":"a b"}]}"#, #"{"interfaces":[{"name":"sixteen-letters-x"}]}"#,
        #"{"interfaces":[{"name":"eth0","sandbox":"/x"}]}"#,
    ])
    func ofNone(text: String) {
        #expect(throws: ContainersError.self) { try CNIResult.hostDevice(text, settings: Self.settings()) }
    }
}

/// Containers that are there for all others.
@Suite struct SharedContainerTests {
    @Test func whatIsSharedIsReachedBeforeTheRestIsRefused() {
        let rules = IsolationRules(
            bridge: "br9", gateway: "10.9.0.1", subnet: "10.9.0.0/24", services: [], metadataReaders: [],
            shared: ["10.9.0.5"]
        ).rules.filter { $0.hasPrefix("-A ISOLATE-FWD-br9 ") }
        #expect(
            rules.prefix(3) == [
                "-A ISOLATE-FWD-br9 -d 10.9.0.5/32 -j RETURN",
                "-A ISOLATE-FWD-br9 -s 10.9.0.5/32 -d 10.9.0.0/24 -j RETURN",
                "-A ISOLATE-FWD-br9 -d 10.9.0.0/24 -p tcp -j REJECT --reject-with tcp-reset",
            ])
    }
}
