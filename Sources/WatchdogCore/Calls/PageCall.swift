/// An answer that the watchdog has itself and that need not fit a buffer: the metrics, the list of a folder.
final class PageCall: Call {
    private unowned let connection: Connection
    private let head: ResponseHead
    private let page: [UInt8]
    private var sent = 0
    private var isBegun = false

    init(_ page: String, contentType: String, connection: Connection) {
        self.page = Array(page.utf8)
        self.connection = connection
        head = ResponseHead(contentType: contentType, length: .exact(self.page.count))
        connection.server.callBegan()
    }

    var isInputOpen: Bool { false }
    var isHolding: Bool { false }

    func offerInput(_ bytes: UnsafeRawBufferPointer) -> Int { bytes.count }

    func finishInput() {}

    func readOutput(into buffer: Buffer) -> CallStep? {
        if !isBegun {
            isBegun = true
            connection.append(head, to: buffer)
            if connection.exchange.isHEAD { return .finish }
        }
        let count = min(buffer.free, page.count - sent)
        page.withUnsafeBytes { buffer.append($0.slice(sent..<sent + count)) }
        sent += count
        return sent == page.count ? .finish : .more
    }

    func fail(_ status: StatusCode, _ text: String) -> CallStep { .cut }

    func detach() { connection.server.callEnded() }
}
