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
        func levels(_ subnet: String, bridge: String = "openfaas0") throws -> [Finding.Level] {
            let used = UsedSubnets(ranges: UsedSubnets.parse(routes: Self.table, except: bridge))
            return SubnetCheck(subnet: try Subnet(subnet)).findings(used).map(\.level)
        }
        #expect(try levels("172.20.0.0/16") == [.fine])
        #expect(try levels("10.62.0.0/16") == [.warning])
        #expect(try levels("192.168.7.0/24") == [.warning])
        #expect(try levels("192.168.0.0/16") == [.problem])
        #expect(try levels("10.62.0.0/16", bridge: "other0") == [.warning, .problem])
    }

    @Test func theUnitIsJudgedByItsProperties() {
        func levels(_ text: String) -> [Finding.Level] { UnitCheck.findings(text).map(\.level) }
        #expect(levels("LoadState=not-found\n") == [.warning])
        let well = "LoadState=loaded\nActiveState=active\nSubState=running\nNRestarts=0\nUnitFileState=enabled\n"
        #expect(levels(well + "NeedDaemonReload=no\n") == [.fine])
        #expect(
            levels("LoadState=loaded\nActiveState=failed\nResult=exit-code\nUnitFileState=enabled\n") == [.problem])
        #expect(levels("LoadState=loaded\nActiveState=active\nNRestarts=9\nUnitFileState=disabled\n").count == 3)
    }

    @Test func littleSpaceIsAProblemBeforeThereIsNone() {
        func level(_ free: UInt64, _ files: UInt64 = 50) -> Finding.Level {
            DiskCheck.finding("/x", free: free, freeFiles: files).level
        }
        #expect(level(10 << 30) == .fine && level(900 << 20) == .warning && level(10 << 20) == .problem)
        #expect(level(10 << 30, 0) == .problem && level(10 << 30, 3) == .warning)
    }

    @Test func aCertificateThatEndsIsFoundInTime() {
        func level(_ days: Double) -> Finding.Level {
            CertificateCheck.finding("/c", end: 1_790_000_000 + days * 86_400, now: 1_790_000_000).level
        }
        #expect(level(60) == .fine && level(5) == .warning && level(-1) == .problem)
    }

    @Test func whatKeepsFaasdFromStartingIsFound() throws {
        func found(_ flags: [Setting: String]) throws -> [Finding] {
            let values = try SettingValues(flags: flags, environment: ["FAASD_DATA_DIR": "/nonexistent"], file: nil)
            return CertificateCheck().run(try Configuration(values))
        }
        #expect(try found([:]).isEmpty)
        #expect(try found([.listen: "0.0.0.0:80"]).map(\.level) == [.problem])
        let tls: [Setting: String] = [.tlsListen: "0.0.0.0:1", .tlsCertificate: "/no/c", .tlsKey: "/no/k"]
        #expect(try found(tls).first?.text.contains("cannot use /no/c as tls-certificate") == true)
    }

    @Test func aClockThatIsOffIsFound() {
        #expect(ClockCheck.finding(now: 0, isSynchronized: true).level == .problem)
        #expect(ClockCheck.finding(now: 1_790_000_000, isSynchronized: false).level == .warning)
        #expect(ClockCheck.finding(now: 1_790_000_000, isSynchronized: true).level == .fine)
    }

    @Test func namespacesWithoutAContainerAreStale() {
        #expect(
            LeftoverCheck.stale(["b0-11112222", "b0-33334444"], prefix: "b0-", containers: ["f-g-11112222"])
                == ["b0-33334444"])
    }

    @Test func aKernelThatPassesNothingOnIsFound() throws {
        let file = NSTemporaryDirectory() + "faasd-doctor-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: file) }
        for (text, count) in [("0\n", 1), ("1\n", 0)] {
            try text.write(toFile: file, atomically: true, encoding: .utf8)
            #expect(ForwardingCheck.findings(file).count == count)
        }
        #expect(ForwardingCheck.findings("/nowhere").isEmpty)
    }
}
