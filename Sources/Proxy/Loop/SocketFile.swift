#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The file of a replica's Unix socket, held open while it is connected to.
///
/// The directory is the function's: it may put a link there that leads to a socket of the host, which the proxy, being
/// root, could reach. So the file is opened without following a link, and what was opened is what is connected to.
struct SocketFile: Sendable {
    /// `O_PATH`, which the C library shows to GNU sources only; the same on every architecture that Swift runs on.
    private static let withoutOpening: CInt = 0o10_000_000

    private let descriptor: CInt

    /// Opens the file.
    ///
    /// - Throws: ``ProxyError`` with code `notASocket` when it is absent or anything but a socket.
    init(_ path: String) throws {
        descriptor = open(path, Self.withoutOpening | O_NOFOLLOW | O_CLOEXEC)
        var status = stat()
        guard descriptor >= 0, fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else {
            if descriptor >= 0 { close(descriptor) }
            throw ProxyError(.notASocket, "\(path) is not a socket")
        }
    }

    /// Another name of the open file, which nobody can give to another one.
    var path: String { "/proc/self/fd/\(descriptor)" }

    /// To be called once it is connected, or cannot be.
    func release() {
        close(descriptor)
    }
}
