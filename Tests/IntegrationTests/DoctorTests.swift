import Foundation
import TestSupport
import Testing

/// The doctor before a real daemon.
@Suite(.serialized) struct DoctorTests {
    @Test func aDamagedDatabaseIsFound() async throws {
        try await Daemon.with { daemon in
            let healthy = try await daemon.faasd("doctor")
            #expect(healthy.output.contains("ok      the database \(daemon.directory)/data/faasd.db is whole"))
            #expect(healthy.output.contains("ok      the daemon answers on \(daemon.curl.base)"), "\(healthy.output)")
            #expect(!healthy.output.contains("PROBLEM") && healthy.code == 0, "\(healthy.output)")

            try await daemon.end(signal: SIGTERM)
            let stopped = try await daemon.faasd("doctor", "--quiet")
            #expect(stopped.code == 1 && stopped.output.contains("PROBLEM the daemon does not answer"))
            #expect(stopped.output.contains("fix: systemctl start faasd"))

            // What was written last may be in the log beside the database, and is taken from there.
            let path = daemon.directory + "/data/faasd.db"
            let files = [path, path + "-wal"].filter { FileManager.default.fileExists(atPath: $0) }
            let whole = try files.map { try Data(contentsOf: URL(fileURLWithPath: $0)) }
            var damaged = whole[0]
            for place in stride(from: 100, to: damaged.count, by: 7) { damaged[place] = 0xA5 }
            try damaged.write(to: URL(fileURLWithPath: path))
            for other in [path + "-wal", path + "-shm"] { unlink(other) }
            let found = try await daemon.faasd("doctor", "--quiet")
            unlink(path + "-shm")
            for (file, data) in zip(files, whole) { try data.write(to: URL(fileURLWithPath: file)) }
            #expect(
                found.code == 1 && found.output.contains("PROBLEM the database \(path) is damaged"), "\(found.output)")
            #expect(found.output.contains("fix: systemctl stop faasd; mv \(path) \(path).damaged"))
        }
    }
}
