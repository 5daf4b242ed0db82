import Foundation
import Testing

@testable import Containers

/// Programs of a caller that is gone, and those of others.
struct LeftoverProgramsTests {
    private let mine = "caller-\(UInt64.random(in: 0 ... .max))"

    @Test func aCallIsWaitedForAndAFollowerIsEnded() async throws {
        try await TemporaryDirectory.with { directory in
            let call = Command("/bin/sh", ["-c", ": > \(directory.path)/call; sleep 1; exit 7"])
            let follower = Command("/bin/sh", ["-c", ": > \(directory.path)/follower; sleep 60; :"])
            async let called = SubprocessRunner(owner: mine).run(call)
            async let followed = SubprocessRunner(owner: mine).forEachLine(of: follower) { _ in }
            _ = try await eventually { directory.names() == ["call", "follower"] ? true : nil }
            LeftoverPrograms.end(calledBy: mine + "-other")
            LeftoverPrograms.end(calledBy: mine)
            #expect(try await called.status == .exited(7))
            #expect(try await followed.status == .signalled(SIGKILL))
        }
    }

    @Test func noneIsFine() {
        LeftoverPrograms.end(calledBy: mine)
    }
}
