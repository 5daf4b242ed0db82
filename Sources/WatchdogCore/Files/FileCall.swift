import Glibc

/// One answer in static mode: a file, or a part of it.
final class FileCall: Call {
    private unowned let server: Server
    private let connection: Connection
    private let file: Int32
    private var left: Range<Int>
    /// The answer's head, until it is written.
    private var head: ResponseHead?
    private let fields: String

    /// - Parameters:
    ///   - file: closed when the answer is over.
    ///   - part: which bytes of it.
    ///   - fields: further field lines.
    init(_ file: Int32, part: Range<Int>, head: ResponseHead, fields: String, connection: Connection) {
        server = connection.server
        self.connection = connection
        self.file = file
        self.head = head
        self.fields = fields
        left = part
        server.callBegan()
    }

    var isInputOpen: Bool { false }
    var isHolding: Bool { false }

    func offerInput(_ bytes: UnsafeRawBufferPointer) -> Int { bytes.count }

    func finishInput() {}

    func readOutput(into buffer: Buffer) -> CallStep? {
        if let head {
            self.head = nil
            connection.append(head, to: buffer) { $0.append(fields) }
        }
        if connection.exchange.isHEAD || left.isEmpty { return .finish }
        let outcome = buffer.fill(limit: left.count) { room in
            let count = pread(file, room.baseAddress, room.count, off_t(left.lowerBound))
            return count > 0 ? .moved(count) : .ended
        }
        // The file has become shorter.
        guard case .moved(let count) = outcome else { return .cut }
        left = left.lowerBound + count..<left.upperBound
        return left.isEmpty ? .finish : .more
    }

    func fail(_ status: StatusCode, _ text: String) -> CallStep { .cut }

    func detach() {
        close(file)
        server.callEnded()
    }
}
