import Containers
import Foundation
import Testing

@testable import Faasd

/// What the doctor makes of what it reads.
struct DoctorValuesTests {
    private static let table = """
        Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT
        eth0\t00000000\t0100A8C0\t0003\t0\t0\t0\t00000000\t0\t0\t0
        eth0\t0000A8C0\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0
        tun0\t0000000A\t00000000\t0001\t0\t0\t0\t000000FF\t0\t0\t0
        openfaas0\t00003E0A\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0

        """

    @Test func routesThatAreInTheWayAreFound() throws {
        let routes = SubnetCheck.routes(Self.table)
        #expect(routes.map(\.text) == ["0.0.0.0/0", "192.168.0.0/16", "10.0.0.0/8", "10.62.0.0/16"])
        func weights(_ subnet: String, bridge: String = "openfaas0") throws -> [Diagnosis.Weight] {
            SubnetCheck(subnet: try Subnet(subnet), bridge: bridge).diagnoses(routes).map(\.weight)
        }
        #expect(try weights("172.20.0.0/16") == [.fine])
        #expect(try weights("10.62.0.0/16") == [.warning])
        #expect(try weights("192.168.7.0/24") == [.warning])
        #expect(try weights("192.168.0.0/16") == [.problem])
        #expect(try weights("10.62.0.0/16", bridge: "other0") == [.warning, .problem])
    }

    @Test func theUnitIsJudgedByItsProperties() {
        func weights(_ text: String) -> [Diagnosis.Weight] { UnitCheck.diagnoses(text).map(\.weight) }
        #expect(weights("LoadState=not-found\n") == [.warning])
        let well = "LoadState=loaded\nActiveState=active\nSubState=running\nNRestarts=0\nUnitFileState=enabled\n"
        #expect(weights(well + "NeedDaemonReload=no\n") == [.fine])
        #expect(
            weights("LoadState=loaded\nActiveState=failed\nResult=exit-code\nUnitFileState=enabled\n") == [.problem])
        #expect(weights("LoadState=loaded\nActiveState=active\nNRestarts=9\nUnitFileState=disabled\n").count == 3)
    }

    @Test func littleSpaceIsAProblemBeforeThereIsNone() {
        func weight(_ free: UInt64, _ files: Int = 50) -> Diagnosis.Weight {
            DiskCheck.diagnosis("/x", what: "x", free: free, freeFiles: files).weight
        }
        #expect(weight(10 << 30) == .fine && weight(900 << 20) == .warning && weight(100 << 20) == .problem)
        #expect(weight(10 << 30, 0) == .problem && weight(10 << 30, 3) == .warning)
    }

    @Test func aCertificateThatEndsIsFoundInTime() {
        func weight(_ days: Double) -> Diagnosis.Weight {
            CertificateCheck.diagnosis("/c", end: 1_790_000_000 + days * 86_400, now: 1_790_000_000).weight
        }
        #expect(weight(60) == .fine && weight(5) == .warning && weight(-1) == .problem)
    }

    @Test func whatKeepsFaasdFromStartingIsFound() throws {
        func found(_ flags: [Setting: String]) throws -> [Diagnosis] {
            let values = try SettingValues(flags: flags, environment: ["FAASD_DATA_DIR": "/nonexistent"], file: nil)
            return CertificateCheck().run(try Configuration(values))
        }
        #expect(try found([:]).isEmpty)
        #expect(try found([.listen: "0.0.0.0:80"]).map(\.weight) == [.problem])
        let tls: [Setting: String] = [.tlsListen: "0.0.0.0:1", .tlsCertificate: "/no/c", .tlsKey: "/no/k"]
        #expect(try found(tls).first?.text.contains("cannot use /no/c as tls-certificate") == true)
    }

    @Test func aClockThatIsOffIsFound() {
        #expect(ClockCheck.diagnosis(now: 0, isSynchronized: true).weight == .problem)
        #expect(ClockCheck.diagnosis(now: 1_790_000_000, isSynchronized: false).weight == .warning)
        #expect(ClockCheck.diagnosis(now: 1_790_000_000, isSynchronized: true).weight == .fine)
    }

    @Test func anotherProgramOnThePortIsFound() throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) == 0 && listen(descriptor, 1) == 0 && getsockname(descriptor, $0, &size) == 0
            }
        }
        #expect(bound)
        let port = Int(UInt16(bigEndian: address.sin_port))
        let taken = PortCheck().run([.init(host: "127.0.0.1", port: port)])
        #expect(taken.map(\.weight) == [.problem] && taken.first?.text.contains("is taken by another program") == true)
        #expect(
            PortCheck().run([.init(host: "192.0.2.1", port: port)]).first?.text.contains("no address of this") == true)
    }

    @Test func namespacesWithoutAContainerAreStale() {
        #expect(
            LeftoverCheck.stale(["b0-11112222", "b0-33334444"], prefix: "b0-", containers: ["f-g-11112222"])
                == ["b0-33334444"])
    }

    @Test func controllersThatAreMissingAreNamed() throws {
        let root = NSTemporaryDirectory() + "faasd-doctor-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: root) }
        try FileManager.default.createDirectory(atPath: root + "/sys/fs/cgroup", withIntermediateDirectories: true)
        let file = root + "/sys/fs/cgroup/cgroup.controllers"
        try "cpuset cpu io pids\n".write(toFile: file, atomically: true, encoding: .utf8)
        let found = KernelCheck(root: root).run(bridgeIsThere: false)
        #expect(found.map(\.weight) == [.problem] && found.first?.text.contains("for memory") == true)
    }
}
