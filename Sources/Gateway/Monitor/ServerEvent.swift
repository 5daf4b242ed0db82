import Foundation
import NIOCore
import NIOFoundationCompat

/// Events as `text/event-stream` has them (HTML, "server-sent events").
enum ServerEvent {
    /// An event with JSON as its data, which has no line breaks.
    static func make(_ name: String, _ value: some Encodable) -> ByteBuffer {
        // The values are ours: numbers that are finite, and strings.
        guard let data = try? JSON.encode(value) else { return ByteBuffer() }
        var buffer = ByteBuffer(string: "event: \(name)\ndata: ")
        buffer.writeData(data)
        buffer.writeString("\n\n")
        return buffer
    }

    /// The gateway ends; the client should come back in a moment.
    static let bye = ByteBuffer(string: "event: bye\ndata: {}\n\n")
    /// The session of whoever looks has ended.
    static let expired = ByteBuffer(string: "event: expired\ndata: {}\n\n")
}
