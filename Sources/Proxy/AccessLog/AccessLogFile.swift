public import NIOCore
import NIOPosix
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Writes the access log to a file, on a thread of its own.
///
/// At most 8 MiB wait for the disk. What comes beyond that is dropped, whole buffers at a time, and so is what cannot be
/// written; a line `{"dropped":N}` says later how many lines are missing.
public final class AccessLogFile: AccessLogSink {
    /// The most bytes that wait.
    static let waitingLimit = 8 * 1024 * 1024

    /// What the event loops see of the file. They hold the lock for a few instructions, once for about 32 KiB.
    private struct Queue {
        var waitingBytes = 0
        var droppedLines = 0
        var isClosed = false
    }

    private let path: String
    private let queue = Mutex(Queue())
    /// The open file. Only the thread uses it; the lock is never waited for.
    private let target: Mutex<AccessLogTarget>
    /// One thread, so that work is done in the order in which it was given.
    private let thread = NIOThreadPool(numberOfThreads: 1)

    /// Opens the file, behind what is in it, or makes it with mode 0640. ``close()`` must be called at the end.
    ///
    /// - Parameter path: the file's path; `-` is the standard output.
    /// - Throws: ``ProxyError`` with ``ProxyError/Code/accessLogUnusable``.
    public init(path: String) throws {
        self.path = path
        target = Mutex(try AccessLogTarget(path: path))
        thread.start()
    }

    /// Takes lines to be written; returns at once.
    public func write(_ lines: ByteBuffer) {
        let isTaken = queue.withLock { queue in
            guard !queue.isClosed, queue.waitingBytes + lines.readableBytes <= Self.waitingLimit else {
                queue.droppedLines += lines.lineCount
                return false
            }
            queue.waitingBytes += lines.readableBytes
            return true
        }
        guard isTaken else { return }
        thread.submit { [self] _ in put(lines) }
    }

    /// Goes on in a new file of the same path, for log rotation: rename the old one first. What was taken before is written to
    /// the old one.
    ///
    /// - Throws: ``ProxyError`` when the new file cannot be opened; then the old one is used on.
    public func reopen() async throws {
        try await withCheckedThrowingContinuation { (done: CheckedContinuation<Void, any Error>) in
            thread.submit { [self] _ in
                done.resume(with: Result { try target.withLock { try $0.reopen(path) } })
            }
        }
    }

    /// Writes what waits, and closes the file. What comes later is dropped.
    public func close() async {
        let isFirst = queue.withLock { queue in
            defer { queue.isClosed = true }
            return !queue.isClosed
        }
        guard isFirst else { return }
        await withCheckedContinuation { done in
            thread.submit { [self] _ in
                target.withLock { $0.close() }
                done.resume()
            }
        }
        // It fails only for a pool that was not started.
        try? await thread.shutdownGracefully()
    }

    /// On the thread.
    private func put(_ lines: ByteBuffer) {
        target.withLock { target in
            let isWritten = target.write(lines)
            let dropped = queue.withLock { queue in
                queue.waitingBytes -= lines.readableBytes
                if !isWritten { queue.droppedLines += lines.lineCount }
                return queue.droppedLines
            }
            guard dropped > 0, isWritten, target.write(ByteBuffer(string: "{\"dropped\":\(dropped)}\n")) else { return }
            queue.withLock { $0.droppedLines -= dropped }
        }
    }
}

extension ByteBuffer {
    fileprivate var lineCount: Int {
        readableBytesView.reduce(0) { $0 + ($1 == .lineFeed ? 1 : 0) }
    }
}
