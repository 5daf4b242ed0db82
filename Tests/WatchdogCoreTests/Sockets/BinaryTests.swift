import Glibc
import Testing

/// The binary has to run in any image, also in one without a single library.
@Suite struct BinaryTests {
    @Test func isStaticallyLinked() throws {
        let headers = try Programs.run(["readelf", "-lW", try Programs.watchdog()])
        #expect(headers.status == 0)
        #expect(headers.output.contains("LOAD"))
        #expect(!headers.output.contains("INTERP"))
        #expect(!headers.output.contains("DYNAMIC"))
    }

    /// A root with nothing but busybox, and a user without rights. Needs root.
    @Test(.enabled(if: getuid() == 0 && access("/usr/bin/busybox", X_OK) == 0))
    func runsInAnEmptyRoot() throws {
        let root = try TemporaryFolder()
        #expect(try Programs.run(["cp", try Programs.watchdog(), "/usr/bin/busybox", root.path]).status == 0)
        chmod(root.path, 0o555)
        let watchdog = try RunningWatchdog(
            ["/busybox", "sh", "-c", "/busybox id -u; /busybox cat"],
            wrapper: ["chroot", "--userspec=12345:12345", root.path], binary: "/fwatchdog")
        #expect(try watchdog.post("hello").text == "12345\nhello")
        #expect(try watchdog.get("/_/health").text == "OK")
        #expect(watchdog.log.contains("cannot write the lock file"))
        watchdog.signal(SIGTERM)
        #expect(watchdog.exit() == 0)
    }
}
