import NIOCore

@testable import Proxy

/// Keeps the lines of an access log.
struct RecordingSink: AccessLogSink {
    private let buffers = NIOLockedState([String]())

    func write(_ lines: ByteBuffer) {
        buffers.with { $0.append(String(buffer: lines)) }
    }

    /// As they were handed over.
    var handedOver: [String] { buffers.with { $0 } }
    var lines: [String] { handedOver.joined().split(separator: "\n").map(String.init) }
    /// With `*` for what is different each time.
    var stableLines: [String] {
        lines.map {
            $0.replacing(#/"time":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"/#, with: "\"time\":*")
                .replacing(#/"duration_ms":\d+\.\d{3}/#, with: "\"duration_ms\":*")
                .replacing(#/"call_id":"[0-9a-f-]{36}"/#, with: "\"call_id\":*")
        }
    }

    /// Waits for so many lines, and gives them out.
    func wait(_ count: Int) async throws -> [String] {
        try await eventually("there are \(count) lines") { lines.count >= count }
        return stableLines
    }
}
