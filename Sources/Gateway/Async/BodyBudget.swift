import NIOCore
import Proxy
import Synchronization

/// Bounds what the bodies of all requests that are being read hold in memory together.
final class BodyBudget: Sendable {
    /// Why a body was not read to its end.
    enum Failure: Error {
        /// It is longer than it may be.
        case tooLong
        /// Too many are being read.
        case exhausted
    }

    private let total: Int
    private let used = Mutex(0)

    init(total: Int) {
        self.total = total
    }

    /// Reads a body whole.
    ///
    /// - Throws: ``Failure``, or what the client did.
    func read(_ body: FallbackBody, limit: Int) async throws -> ByteBuffer {
        if let length = body.contentLength {
            guard length > 0 else { return ByteBuffer() }
            guard length <= limit else { throw Failure.tooLong }
        }
        var held = 0
        defer { used.withLock { $0 -= held } }
        var whole = ByteBuffer()
        for try await piece in body {
            guard whole.readableBytes + piece.readableBytes <= limit else { throw Failure.tooLong }
            let count = piece.readableBytes
            let fits = used.withLock { used in
                guard used + count <= total else { return false }
                used += count
                return true
            }
            guard fits else { throw Failure.exhausted }
            held += count
            if whole.readableBytes == 0 { whole = piece } else { whole.writeImmutableBuffer(piece) }
        }
        return whole
    }
}
