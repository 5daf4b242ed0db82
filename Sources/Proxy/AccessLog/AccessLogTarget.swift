import NIOCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The open file of an access log. Its methods block.
struct AccessLogTarget {
    private static let standardOutput: CInt = 1

    private var descriptor: CInt
    /// The last write failed in the middle, so that a line has no end.
    private var isTorn = false

    init(path: String) throws {
        descriptor = try Self.open(path)
    }

    private static func open(_ path: String) throws -> CInt {
        guard path != "-" else { return standardOutput }
        #if canImport(Glibc)
            let descriptor = Glibc.open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o640)
        #else
            let descriptor = Musl.open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o640)
        #endif
        guard descriptor >= 0 else {
            let cause = IOError(errnoCode: errno, reason: "open")
            throw ProxyError(
                .accessLogUnusable, "failed to open the access log \(path): its folder must exist and be writable",
                cause: cause)
        }
        return descriptor
    }

    mutating func reopen(_ path: String) throws {
        let new = try Self.open(path)
        close()
        descriptor = new
        isTorn = false
    }

    mutating func close() {
        guard descriptor > Self.standardOutput else { return }
        #if canImport(Glibc)
            _ = Glibc.close(descriptor)
        #else
            _ = Musl.close(descriptor)
        #endif
        descriptor = -1
    }

    /// Writes all of it.
    ///
    /// - Returns: whether that was possible.
    mutating func write(_ lines: ByteBuffer) -> Bool {
        if isTorn {
            guard ByteBuffer(string: "\n").withUnsafeReadableBytes({ writeAll($0) }) == 1 else { return false }
            isTorn = false
        }
        let written = lines.withUnsafeReadableBytes { writeAll($0) }
        let isWhole = written == lines.readableBytes
        isTorn = !isWhole && written > 0
        return isWhole
    }

    /// - Returns: how many bytes were written.
    private func writeAll(_ bytes: Bytes) -> Int {
        var written = 0
        while written < bytes.count, let base = bytes.baseAddress {
            #if canImport(Glibc)
                let count = Glibc.write(descriptor, base + written, bytes.count - written)
            #else
                let count = Musl.write(descriptor, base + written, bytes.count - written)
            #endif
            if count >= 0 {
                written += count
            } else if errno == EAGAIN {
                // The standard output may be a pipe that somebody has made non-blocking.
                var poll = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                guard pollForever(&poll) else { return written }
            } else if errno != EINTR {
                return written
            }
        }
        return written
    }

    private func pollForever(_ request: inout pollfd) -> Bool {
        while poll(&request, 1, -1) < 0 {
            if errno != EINTR { return false }
        }
        return true
    }
}
