import Foundation
import Testing

@testable import Proxy

struct SocketFileTests {
    private let folder = NSTemporaryDirectory() + "socket-file-\(UInt32.random(in: .min ... .max))"

    private func withFolder(_ body: () throws -> Void) throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body()
    }

    private func makeSocket(_ path: String) throws {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(bound == 0)
    }

    @Test func aSocketIsTaken() throws {
        try withFolder {
            try makeSocket(folder + "/s")
            let file = try SocketFile(folder + "/s")
            #expect(file.path.hasPrefix("/proc/self/fd/"))
            file.release()
        }
    }

    @Test func aLinkToASocketIsNot() throws {
        try withFolder {
            try makeSocket(folder + "/real")
            try FileManager.default.createSymbolicLink(
                atPath: folder + "/s", withDestinationPath: folder + "/real")
            #expect(throws: ProxyError.self) { try SocketFile(folder + "/s") }
        }
    }

    @Test func anythingElseIsNot() throws {
        try withFolder {
            _ = FileManager.default.createFile(atPath: folder + "/s", contents: Data())
            #expect(throws: ProxyError.self) { try SocketFile(folder + "/s") }
            #expect(throws: ProxyError.self) { try SocketFile(folder) }
            #expect(throws: ProxyError.self) { try SocketFile(folder + "/absent") }
        }
    }
}
