import Foundation
import Testing

@testable import Containers

/// The archive of an image is one that others can read.
struct TarArchiveTests {
    @Test func tarReadsIt() throws {
        let folder = NSTemporaryDirectory() + "faasd-tar-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let long = String(repeating: "x", count: 700)
        let archive = TarArchive(files: [("a.json", Array("{}".utf8)), ("blobs/sha256/b", Array(long.utf8)), ("c", [])])
        try Data(archive.bytes).write(to: URL(fileURLWithPath: folder + "/a.tar"))
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["tar", "-C", folder, "-xf", folder + "/a.tar"]
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        #expect(try String(contentsOfFile: folder + "/a.json", encoding: .utf8) == "{}")
        #expect(try String(contentsOfFile: folder + "/blobs/sha256/b", encoding: .utf8) == long)
        #expect(try Data(contentsOf: URL(fileURLWithPath: folder + "/c")).isEmpty)
    }
}
