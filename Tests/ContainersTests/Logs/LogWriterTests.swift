import Dispatch
import Glibc
import Testing

@testable import Containers

@Suite struct LogWriterTests {
    private func records(_ range: Range<Int>) -> [LogRecord] {
        range.map { LogRecord(stream: .output, bytes: Array("line \($0)".utf8), at: LogRecord.now()) }
    }

    @Test func inOrder() {
        let written = Shared<[String]>([])
        let writer = LogWriter { records in
            written.change { $0 += records.map { String(decoding: $0.bytes, as: UTF8.self) } }
        }
        for start in stride(from: 0, to: 1000, by: 10) { writer.submit(records(start..<start + 10)) }
        writer.finish()
        #expect(written.current == (0..<1000).map { "line \($0)" })
    }

    /// A store that hangs must not hold up who submits; what is lost is told once the store goes on.
    @Test func aStoreThatHangs() {
        let written = Shared<[String]>([])
        let gate = DispatchSemaphore(value: 0)
        let writer = LogWriter(capacityBytes: 1000, patience: .milliseconds(20)) { records in
            gate.wait()
            gate.signal()
            written.change { $0 += records.map { String(decoding: $0.bytes, as: UTF8.self) } }
        }
        let clock = ContinuousClock()
        let start = clock.now
        for number in 0..<1000 { writer.submit(records(number..<number + 1)) }
        #expect(start.duration(to: clock.now) < .seconds(10))
        gate.signal()
        writer.finish()
        writer.submit(records(1000..<1001))
        writer.finish()
        let kept = written.current.filter { $0.hasPrefix("line") }.count - 1
        #expect(kept > 0 && kept < 100)
        #expect(written.current.last == "line 1000")
        #expect(
            written.current.contains("\(1000 - kept) lines were lost here because the log store did not keep up"))
    }

    @Test func aSlowStoreSlowsTheReaderAndLosesNothing() {
        let count = Shared(0)
        let writer = LogWriter(capacityBytes: 1000, patience: .seconds(10)) { records in
            usleep(200)
            count.change { $0 += records.count }
        }
        for number in 0..<500 { writer.submit(records(number..<number + 1)) }
        writer.finish()
        #expect(count.current == 500)
    }
}
