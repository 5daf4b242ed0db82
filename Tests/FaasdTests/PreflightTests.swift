import Containers
import Foundation
import Glibc
import Testing

@testable import Faasd

/// What is looked at before an installation.
struct PreflightTests {
    @Test(arguments: [
        ("1.1.4", ["CVE-2023-27561", "CVE-2024-21626"]), ("1.1.5+ds1", ["CVE-2024-21626"]), ("1.1.12", []),
        ("1.2.8", []), ("1.4.0", []), ("2.0.0", []),
    ])
    func runcsHolesAreKnown(version: String, early: [String]) throws {
        let release = try #require(KnownHoles.Release(version))
        let found = KnownHoles.holes(.runc, release).map(\.id)
        #expect(found.filter { $0 < "CVE-2025" } == early)
        #expect(found.contains("CVE-2025-31133") == (release < KnownHoles.Release(1, 2, 8)))
    }

    @Test(arguments: [
        ("v1.6.37", true), ("1.6.38", false), ("v1.7.26", true), ("v1.7.27", false), ("2.0.3", true), ("2.0.4", false),
        ("v2.1.0", false),
    ])
    func aBranchIsMendedByItself(version: String, hasHole: Bool) throws {
        let release = try #require(KnownHoles.Release(version))
        #expect(KnownHoles.holes(.containerd, release).contains { $0.id == "CVE-2024-40635" } == hasHole)
    }

    @Test func whatIsUnknownIsNotBlamed() {
        #expect(KnownHoles.Release("main") == nil)
        #expect(KnownHoles.finding(.runc, version: "main", otherwise: "is there").level == .fine)
        let old = KnownHoles.finding(.runc, version: "1.1.4", otherwise: "is there")
        #expect(old.level == .warning && old.text.contains("CVE-2024-21626") && old.fix != nil)
    }

    @Test func aPortInUseIsNamedWithItsUser() throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let port = withUnsafeMutableBytes(of: &address) { bytes -> UInt16 in
            let isBound = bytes.withMemoryRebound(to: sockaddr.self) { pointer in
                bind(descriptor, pointer.baseAddress, length) == 0 && listen(descriptor, 1) == 0
                    && getsockname(descriptor, pointer.baseAddress, &length) == 0
            }
            return isBound ? UInt16(bigEndian: bytes.load(as: sockaddr_in.self).sin_port) : 0
        }
        try #require(port != 0)
        let findings = PortCheck().findings([
            Configuration.Endpoint(host: "0.0.0.0", port: Int(port)),
            Configuration.Endpoint(host: "127.0.0.1", port: 0),
        ])
        #expect(findings.count == 1)
        #expect(findings.first?.level == .problem)
        #expect(findings.first?.text.contains("(process \(getpid()))") == true)
    }

    @Test func listeningSocketsAreReadAsTheKernelWritesThem() {
        let text = """
              sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
               0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1 0 100 0 0 10 0
               1: 0100007F:1F91 0100007F:1F90 01 00000000:00000000 00:00000000 00000000     0        0 4712 1 0 20 4 0 10 0
               2: 00000000000000000000000001000000:0050 00000000000000000000000000000000:0000 0A 0:0 0:0 0 0 0 4713 1 0
            """
        #expect(
            PortCheck.parse(text) == [
                .init(host: "127.0.0.1", port: 8080, inode: "4711"), .init(host: "::1", port: 80, inode: "4713"),
            ])
        let other = PortCheck.Listening(host: "10.0.0.1", port: 80, inode: "1")
        #expect(PortCheck.collides(.init(host: "0.0.0.0", port: 80), other))
        #expect(!PortCheck.collides(.init(host: "127.0.0.1", port: 80), other))
        #expect(!PortCheck.collides(.init(host: "10.0.0.1", port: 81), other))
    }

    @Test func aRangeThatSomebodyHasIsLeftToThem() throws {
        let routes = """
            Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
            eth0\t00000000\t0102000A\t0003\t0\t0\t0\t00000000\t0\t0\t0
            docker0\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0
            tun0\t0000000A\t00000000\t0001\t0\t0\t0\t000000FF\t0\t0\t0
            openfaas0\t00003E0A\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0
            """
        let used = UsedSubnets(ranges: UsedSubnets.parse(routes: routes, except: "openfaas0"))
        #expect(used.ranges.map(\.user) == ["the interface docker0", "the interface tun0"])
        #expect(used.user(of: "172.17.4.0/24") == "the interface docker0")
        #expect(used.user(of: "172.18.0.0/16") == nil)
        #expect(used.free() == "172.26.0.0/16")
        #expect(
            SubnetChoice.of("10.62.0.0/16", isGiven: false, used: used)
                == .choose("172.26.0.0/16", user: "the interface tun0"))
        let conflict = SubnetChoice.of("10.62.0.0/16", isGiven: true, used: used)
        #expect(conflict == .conflict(user: "the interface tun0"))
        #expect(conflict.finding("10.62.0.0/16").level == .problem)
        #expect(SubnetChoice.of("172.26.0.0/16", isGiven: true, used: used) == .keep)
    }

    @Test func otherNetworksOfCNIHaveTheirRanges() throws {
        try withTemporaryDirectory { directory in
            try FileManager.default.createDirectory(
                atPath: directory + "/default", withIntermediateDirectories: true)
            let text = #"{"plugins":[{"type":"bridge","ipam":{"ranges":[[{"subnet": "10.4.0.0/24"}]]}}]}"#
            try Data(text.utf8).write(to: URL(fileURLWithPath: directory + "/default/other.conflist"))
            try Data(text.utf8).write(to: URL(fileURLWithPath: directory + "/10-openfaas.conflist"))
            let used = UsedSubnets.read(bridge: "openfaas0", directory: directory, routes: "/dev/null")
            #expect(used.ranges.count == 1)
            #expect(used.user(of: "10.4.0.0/16") == directory + "/default/other.conflist")
        }
    }

    @Test func theKernelsPartsAreLookedFor() throws {
        try withTemporaryDirectory { directory in
            var kernel = KernelFacts(procRoot: directory, cgroupRoot: directory + "/cgroup", modules: directory)
            try FileManager.default.createDirectory(
                atPath: directory + "/cgroup", withIntermediateDirectories: true)
            #expect(kernel.findings(snapshotter: nil).map(\.level) == [.problem, .problem])
            #expect(kernel.findings(snapshotter: "native").count == 1)
            try Data("cpuset cpu io memory pids\n".utf8)
                .write(to: URL(fileURLWithPath: directory + "/cgroup/cgroup.controllers"))
            try Data("nodev\tproc\nnodev\toverlay\n".utf8).write(to: URL(fileURLWithPath: directory + "/filesystems"))
            #expect(kernel.findings(snapshotter: nil).map(\.level) == [.fine, .fine])
            try Data("cpu pids\n".utf8).write(to: URL(fileURLWithPath: directory + "/cgroup/cgroup.controllers"))
            #expect(kernel.findings(snapshotter: nil).first?.level == .warning)
            try Data("cpu memory pids\n".utf8)
                .write(to: URL(fileURLWithPath: directory + "/cgroup/cgroup.controllers"))
            kernel.procRoot = "/nowhere"
            try Data("kernel/fs/overlayfs/overlay.ko:\n".utf8)
                .write(to: URL(fileURLWithPath: directory + "/modules.dep"))
            #expect(kernel.findings(snapshotter: "overlayfs").map(\.level) == [.fine, .fine])
        }
    }

    @Test func littleSpaceIsSaid() {
        #expect(DiskCheck.finding("/var/lib/faasd", free: 4 << 30).level == .fine)
        #expect(DiskCheck.finding("/var/lib/faasd", free: 100 << 20).level == .warning)
        #expect(DiskCheck.finding("/var/lib/faasd", free: 1 << 20).level == .problem)
        #expect(DiskCheck.findings(["/nowhere/at/all"]).count == 1)
    }
}

/// A directory for the time of a test.
func withTemporaryDirectory(_ body: (String) throws -> Void) throws {
    let directory = NSTemporaryDirectory() + "faasd-test-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    try body(directory)
}
