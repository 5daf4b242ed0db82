import Synchronization
import TestSupport
import Testing

/// A function is updated again and again while it is called, and no caller notices.
struct UpdateTests {
    private func deployment(version: Int) -> String {
        """
        {"service":"f","image":"docker.io/faasd/busybox:latest","envProcess":"cat /proc/self/environ",
         "envVars":{"VERSION":"\(version)"}}
        """
    }

    @Test func updatesUnderLoadLoseNoCall() async throws {
        let updates = try Repetitions.count("FAASD_TEST_UPDATES", short: 25)
        try await Daemon.with { daemon in
            try await daemon.importImage("busybox")
            let admin = try daemon.admin()
            let first = try await admin("POST", "/system/functions", body: deployment(version: 0))
            try #require(first.status == 202, "\(first)")
            let accepted = AcceptedVersion()
            let load = SteadyLoad(on: daemon, path: "/function/f", clients: 4, pause: .milliseconds(20))
            let report = try await load.run(expecting: NeverBackwards(accepted: accepted)) {
                for version in 1...updates {
                    let answer = try await admin("PUT", "/system/functions", body: deployment(version: version))
                    try #require(answer.status == 202, "update \(version): \(answer.status) \(answer.body)")
                    accepted.number.store(version, ordering: .releasing)
                }
            }
            Repetitions.report("\(updates) updates, \(report.calls) calls, \(report.failed) failed")
            let warnings = await daemon.warnings()
            #expect(report.failed == 0, "\((report.complaints + warnings).joined(separator: "\n"))")
            // An update ends no replica by accident.
            #expect(warnings == [])
            #expect(report.calls > updates)
            let containers = try await daemon.ctr("containers", "ls", "-q").split(separator: "\n")
            #expect(containers.count == 1 || containers.count == 2)
        }
    }
}

/// The version of the last update that was answered.
private final class AcceptedVersion: Sendable {
    let number = Atomic(0)
}

/// Each answer is of a version that is no older than the last answer's, nor than the update that had been answered
/// before the call.
private struct NeverBackwards: LoadExpectation {
    let accepted: AcceptedVersion
    private var least = 0

    init(accepted: AcceptedVersion) {
        self.accepted = accepted
    }

    mutating func callBegins() {
        least = max(least, accepted.number.load(ordering: .acquiring))
    }

    mutating func complaint(about body: String) -> String? {
        let variable = body.split(separator: "\0").first { $0.hasPrefix("VERSION=") }
        guard let version = variable.flatMap({ Int($0.dropFirst("VERSION=".count)) }) else {
            return "wrong body: \(body.prefix(200))"
        }
        guard version >= least else { return "version \(version) after version \(least)" }
        least = version
        return nil
    }
}
