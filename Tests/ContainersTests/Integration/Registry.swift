import Foundation
import Glibc
import Testing

@testable import Containers

/// Debian's `docker-registry` on two loopback ports over one store: one open to all, one that asks for a password.
enum Registry {
    static let user = "bob"
    static let password = "s3cret:pw"
    /// bcrypt of the password, cost 4.
    private static let hash = "$2b$04$SLMexmDtxDf41ei8TzG9HOsf.db3b7ud0aB3i33jx5FBZQM3H7q1m"

    /// Runs `body` with the addresses `HOST:PORT` of both.
    static func with(
        in directory: TemporaryDirectory, _ body: (_ open: String, _ closed: String) async throws -> Void
    ) async throws {
        try directory.write("\(user):\(hash)\n", to: "htpasswd")
        let open = try freePort()
        let closed = try freePort()
        try directory.write(config(directory, port: open, auth: ""), to: "open.yml")
        let auth = "auth: {htpasswd: {realm: test, path: \(directory.path)/htpasswd}}\n"
        try directory.write(config(directory, port: closed, auth: auth), to: "closed.yml")
        let servers = ["open", "closed"].map { name in
            Task {
                try await SubprocessRunner().run(
                    Command(
                        "docker-registry", ["serve", "\(directory.path)/\(name).yml"], output: .discarded,
                        timeLimit: .seconds(300)))
            }
        }
        let result: Result<Void, any Error>
        do {
            for port in [open, closed] { _ = try await eventually { isListening(port) ? true : nil } }
            try await body("127.0.0.1:\(open)", "127.0.0.1:\(closed)")
            result = .success(())
        } catch {
            result = .failure(error)
        }
        for server in servers {
            server.cancel()
            _ = try? await server.value
        }
        try result.get()
    }

    private static func config(_ directory: TemporaryDirectory, port: UInt16, auth: String) -> String {
        """
        version: 0.1
        log: {level: error}
        storage: {filesystem: {rootdirectory: \(directory.path)/registry}}
        http: {addr: "127.0.0.1:\(port)"}
        \(auth)
        """
    }

    /// A port that nobody has right now.
    private static func freePort() throws -> UInt16 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = loopback(port: 0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
            }
        }
        try #require(bound)
        return UInt16(bigEndian: address.sin_port)
    }

    private static func isListening(_ port: UInt16) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = loopback(port: port)
        return withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }

    private static func loopback(port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return address
    }
}
