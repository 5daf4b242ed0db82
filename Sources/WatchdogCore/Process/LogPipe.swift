import Glibc

/// One output of a process, moved to a log line by line.
final class LogPipe: EventHandler, Resumable {
    private unowned let table: ProcessTable
    private let log: LogSink
    /// Shown before each line.
    private let label: StaticString
    private var descriptor: Int32
    private var splitter: LineSplitter
    private var hasEnded = false
    /// Bytes that were in the pipe when the process ended; what a descendant adds later is not waited for.
    private var left: Int?
    /// Read, and not yet taken by the log.
    private var unlogged: Buffer?

    init(_ descriptor: Int32, label: StaticString, log: LogSink, table: ProcessTable) {
        self.descriptor = descriptor
        self.label = label
        self.log = log
        self.table = table
        splitter = LineSplitter(limit: table.lineLimit)
        table.loop.watch(descriptor, for: [.readable, .edgeTriggered], self)
    }

    func processEnded() {
        hasEnded = true
        if descriptor >= 0 { left = Descriptors.readableBytes(descriptor) }
        readLines()
    }

    func descriptor(_ descriptor: Int32, became readiness: Readiness) {
        readLines()
    }

    func resume() {
        readLines()
    }

    /// Moves lines to the log as far as the log takes them; goes on in the next turn when there is much.
    func readLines() {
        for _ in 0..<Limits.movesPerTurn {
            guard descriptor >= 0 else { return }
            guard logRead() else { return table.waitForLog(self) }
            if left == 0 { return close() }
            let buffer = table.pool.take()
            switch buffer.fill(limit: left ?? .max, from: { Descriptors.receive(descriptor, into: $0) }) {
            case .moved(let count):
                left = left.map { $0 - count }
                unlogged = buffer
            case .blocked:
                table.pool.giveBack(buffer)
                if hasEnded { close() }
                return
            case .ended, .failed:
                table.pool.giveBack(buffer)
                return close()
            }
        }
        table.loop.resumeLater(self)
    }

    /// Logs what was read last.
    /// - Returns: false when the log does not take all of it now.
    private func logRead() -> Bool {
        guard let buffer = unlogged else { return true }
        let used = splitter.feed(buffer.readable) { log($0) }
        buffer.consume(used)
        guard buffer.isEmpty else { return false }
        unlogged = nil
        table.pool.giveBack(buffer)
        return true
    }

    private func log(_ line: UnsafeRawBufferPointer) -> Bool {
        log.functionLine(line, label: table.prefixesLines ? label : nil)
    }

    private func close() {
        splitter.finish { log($0) }
        table.loop.closeDescriptor(descriptor)
        descriptor = -1
    }
}
