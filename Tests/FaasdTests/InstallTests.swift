import Foundation
import Testing

@testable import Faasd

struct InstallTests {
    private func withDirectory(_ body: (String) throws -> Void) throws {
        let directory = NSTemporaryDirectory() + "faasd-install-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try body(directory)
    }

    @Test func theUnitIsTheFileOfTheRepository() throws {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("systemd/faasd.service")
        #expect(Assets.bytes(of: "faasd.service") == Array(try Data(contentsOf: file)))
        #expect(Assets.bytes(of: "nothing") == nil)
    }

    @Test func aProgramIsCopiedOnceAndReplacedWhole() throws {
        try withDirectory { directory in
            let (source, target) = (directory + "/source", directory + "/bin/program")
            try Data("one".utf8).write(to: URL(fileURLWithPath: source))
            #expect(try InstalledFile.copyProgram(from: source, to: target))
            #expect(try !InstalledFile.copyProgram(from: source, to: target))
            let attributes = try FileManager.default.attributesOfItem(atPath: target)
            #expect(attributes[.posixPermissions] as? Int == 0o755)
            try Data("two".utf8).write(to: URL(fileURLWithPath: source))
            #expect(try InstalledFile.copyProgram(from: source, to: target))
            #expect(FileManager.default.contents(atPath: target) == Data("two".utf8))
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory + "/bin") == ["program"])
        }
    }

    @Test func removingWhatIsAbsentIsFine() throws {
        try withDirectory { directory in
            try InstalledFile.remove(directory + "/nothing")
            #expect(throws: InstallError.self) { try InstalledFile.remove(directory) }
        }
    }

    @Test func theNameFaasCliIsTakenOnlyWhereItIsFree() throws {
        try withDirectory { directory in
            let folder = directory + "/usr/local/bin"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            let link = CommandLink(paths: HostPaths(root: directory), searchPath: "")
            let path = folder + "/faas-cli"
            #expect(try link.make() == "installed \(path)")
            #expect(try FileManager.default.destinationOfSymbolicLink(atPath: path) == "faasd")
            #expect(try link.make() == nil)
            try link.remove()
            #expect(!FileManager.default.fileExists(atPath: path))
            try Data("other".utf8).write(to: URL(fileURLWithPath: path))
            #expect(try link.make()?.hasPrefix("\(path) is there and stays") == true)
            try link.remove()
            #expect(FileManager.default.contents(atPath: path) == Data("other".utf8))
        }
    }

    @Test func oneDataDirectoryHasOneDaemon() throws {
        try withDirectory { directory in
            let lock = try InstanceLock(directory: directory)
            #expect(throws: InstallError.self) { try InstanceLock(directory: directory) }
            lock.release()
            try InstanceLock(directory: directory).release()
        }
    }
}
