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

    @Test(arguments: ["faasd.service", "faasd.socket"]) func theUnitsAreTheFilesOfTheRepository(name: String) throws {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("systemd/" + name)
        #expect(Assets.bytes(of: name) == Array(try Data(contentsOf: file)))
        #expect(Assets.bytes(of: "nothing") == nil)
    }

    @Test func theSocketsAreThoseOfTheSettings() throws {
        let template = String(decoding: try #require(Assets.bytes(of: HostPaths.socketUnit)), as: UTF8.self)
        let text = Units.socket(
            template,
            entrances: [
                Entrance(host: "10.0.0.1", port: 80), Entrance(host: "::1", port: 81),
                Entrance(host: "127.0.0.1", port: 0), Entrance(host: "10.62.0.1", port: 80, comesLater: true),
            ])
        let streams = text.split(separator: "\n").filter { $0.hasPrefix("ListenStream=") }
        #expect(streams == ["ListenStream=10.0.0.1:80", "ListenStream=[::1]:81", "ListenStream=10.62.0.1:80"])
        #expect(Units.socket(template, entrances: [Entrance(host: "127.0.0.1", port: 8080)]) == template)
    }

    @Test func settingsAreNotedAndTheRestOfTheFileStays() throws {
        let old = """
            # mine
            log-level: debug
            listen:
              - 127.0.0.1:8080
              - 10.0.0.1:8080
            node-labels:
            - a=b

            """
        let new = try ConfigFile.text(
            old, setting: [.listen: "127.0.0.1:9", .subnet: "10.63.0.0/16", .logLevel: "debug"], path: "x")
        #expect(
            new == """
                # mine
                log-level: debug
                listen: "127.0.0.1:9"
                node-labels:
                - a=b
                subnet: "10.63.0.0/16"

                """)
        #expect(try ConfigFile.text(new, setting: [.subnet: "10.63.0.0/16"], path: "x") == new)
        let hostile = try ConfigFile.text("", setting: [.ctr: #"a\b"c: #"#], path: "x")
        #expect(try SettingValues.parse(hostile, path: "x") == [.ctr: #"a\b"c: #"#])
        #expect(throws: SettingError.self) { try ConfigFile.text("nonsense: 1", setting: [:], path: "x") }
    }

    @Test func anInstallationBelowADirectoryIsWholeAndTheSecondDoesNothing() throws {
        try withDirectory { directory in
            let values = try SettingValues(
                flags: [.fwatchdog: "/bin/true", .listen: "127.0.0.1:9"], environment: [:], file: nil)
            let installation = Installation(
                paths: HostPaths(root: directory), configuration: try Configuration(values),
                noted: [.listen: "127.0.0.1:9"])
            let plan = try installation.plan(starting: true)
            #expect(plan.contains { $0.hasPrefix("write \(directory)/etc/systemd/system/faasd.socket") })
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory).isEmpty)
            #expect(try installation.run())
            let config = FileManager.default.contents(atPath: directory + "/var/lib/faasd/config.yaml")
            #expect(config == Data("listen: \"127.0.0.1:9\"\n".utf8))
            #expect(try !installation.run())
            #expect(try installation.plan(starting: false) == ["nothing: all is in its place"])
        }
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
