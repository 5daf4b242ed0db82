/// What is said between the watchdog and a worker: in each direction one message after the other, each of
///
///     4 bytes   length of the head, big endian
///     8 bytes   length of the body, big endian
///     the head  lines of UTF-8, each ended by a line feed
///     the body
///
/// A request's head is `METHOD TARGET`, then `Name: value` for each field. A response's head is the status, then
/// `Name: value` for each field. A worker begins by saying that it is ready: a message whose lengths are both zero.
enum WorkerFrames {
    static let prefix = 12

    struct Lengths: Equatable {
        let head: Int
        let body: Int

        var saysReady: Bool { head == 0 && body == 0 }
    }

    /// - Returns: nil when the prefix is not complete, or asks for more than there may be.
    static func lengths(_ bytes: UnsafeRawBufferPointer) -> Lengths? {
        guard bytes.count >= prefix else { return nil }
        let head = UInt32(bigEndian: bytes.loadUnaligned(as: UInt32.self))
        let body = UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 4, as: UInt64.self))
        guard let length = Int(exactly: body) else { return Lengths(head: Int(head), body: .max) }
        return Lengths(head: Int(head), body: length)
    }

    /// Writes prefix and head of a request into an empty buffer.
    /// - Returns: false when it is too large.
    static func write(_ request: CallRequest, bodyLength: Int, to buffer: Buffer) -> Bool {
        let head = request.head
        let bytes = request.bytes
        guard bytes.count < Limits.upstreamHead else { return false }
        let target = head.path.lowerBound..<max(head.path.upperBound, head.query.upperBound)
        if let path = request.replacingPath {
            buffer.append("GET ")
            buffer.append(path)
        } else {
            buffer.append(bytes.slice(head.method))
            buffer.append(" ")
            if head.path.isEmpty { buffer.append("/") }
            buffer.append(bytes.slice(target))
        }
        buffer.append("\n")
        for field in head.fields where !HopByHop.contains(bytes.slice(field.name)) {
            buffer.append(bytes.slice(field.name))
            buffer.append(": ")
            buffer.append(bytes.slice(field.value))
            buffer.append("\n")
        }
        let length = buffer.count
        withUnsafeTemporaryAllocation(byteCount: prefix, alignment: 8) { bytes in
            bytes.storeBytes(of: UInt32(length).bigEndian, as: UInt32.self)
            bytes.storeBytes(of: UInt64(bodyLength).bigEndian, toByteOffset: 4, as: UInt64.self)
            buffer.prepend(UnsafeRawBufferPointer(bytes))
        }
        return true
    }
}

/// The head of a worker's response.
struct WorkerResponse {
    let code: Int
    private(set) var fields: [RequestHead.Field] = []
    private(set) var hasContentType = false

    /// - Parameter bytes: the head. Its places are those of the fields.
    /// - Returns: nil when it is not one. Fields that are the watchdog's to write are left out.
    init?(_ bytes: UnsafeRawBufferPointer) {
        guard let first = bytes.lineFeed(from: 0), first == 3, bytes[..<3].allSatisfy(\.isDigit) else { return nil }
        code = bytes[..<3].reduce(0) { $0 * 10 + Int($1 - 0x30) }
        guard code >= 200 else { return nil }
        var place = first + 1
        while place < bytes.count {
            guard let feed = bytes.lineFeed(from: place), fields.count < Limits.fieldCount,
                let colon = bytes[place..<feed].firstIndex(of: .colon), colon > place,
                bytes[place..<colon].allSatisfy(\.isToken)
            else { return nil }
            var start = colon + 1
            while start < feed, bytes[start].isBlank { start += 1 }
            guard bytes[start..<feed].allSatisfy(\.isFieldValue) else { return nil }
            let name = bytes.slice(place..<colon)
            if name.matches("content-type") { hasContentType = true }
            if !HopByHop.contains(name), !name.matches("content-length"), !name.matches("x-duration-seconds") {
                fields.append(RequestHead.Field(name: place..<colon, value: start..<feed))
            }
            place = feed + 1
        }
    }
}
