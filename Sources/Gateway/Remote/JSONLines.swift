import NIOCore
import Provider

/// Cuts a stream of bytes into its lines; empty ones are left out.
struct JSONLines {
    /// A function's line of 1 MB, with some of it escaped.
    static let lineLimit = 2 << 20

    private var pending = ByteBuffer()
    /// How much of it is known to hold no line end.
    private var searched = 0
    /// Whether nothing more will come, and everything was taken.
    var isEnded: Bool { hasEnded && pending.readableBytes == 0 }
    private var hasEnded = false

    /// More bytes have come.
    mutating func append(_ bytes: ByteBuffer) {
        if pending.readableBytes == 0 {
            pending = bytes
        } else {
            pending.discardReadBytes()
            pending.writeImmutableBuffer(bytes)
        }
    }

    /// Nothing more will come; what is left is the last line.
    mutating func end() {
        hasEnded = true
    }

    /// The next whole line, without its end; `nil` when more bytes are needed.
    ///
    /// - Throws: `ProviderError` when a line is longer than ``lineLimit``.
    mutating func next() throws -> ByteBuffer? {
        while true {
            guard let length = lengthOfLine() else {
                guard pending.readableBytes <= Self.lineLimit else { throw Self.tooLong }
                guard hasEnded, pending.readableBytes > 0 else { return nil }
                searched = 0
                return pending.readSlice(length: pending.readableBytes)
            }
            guard length <= Self.lineLimit else { throw Self.tooLong }
            searched = 0
            let line = pending.readSlice(length: length)
            pending.moveReaderIndex(forwardBy: 1)
            if length > 0 { return line }
        }
    }

    /// How many bytes are before the next line end.
    private mutating func lengthOfLine() -> Int? {
        let found = pending.withUnsafeReadableBytes { bytes in
            bytes[searched...].firstIndex(of: UInt8(ascii: "\n"))
        }
        if found == nil { searched = pending.readableBytes }
        return found
    }

    private static var tooLong: ProviderError {
        ProviderError(.internalError, "the provider sent a log line of more than \(lineLimit) bytes")
    }
}
