import NIOCore
import OpenFaaSAPI
import Testing

@testable import Proxy

@Suite struct SmallValuesTests {
    @Test func tokenBytesAreThoseOfTheGrammar() {
        let token = Set("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ".utf8)
        let host = Set("-._~!$&'()*+,;=%:[]0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ".utf8)
        for byte in UInt8.min...UInt8.max {
            #expect(byte.isToken == token.contains(byte), "\(byte)")
            #expect(byte.isHost == host.contains(byte), "\(byte)")
            #expect(byte.isFieldContent == (byte == 9 || (byte >= 32 && byte != 127)), "\(byte)")
            #expect(byte.isTarget == (byte > 32 && byte != 127), "\(byte)")
        }
    }

    @Test func endOfContentIsFoundAtEveryPlace() {
        let text = [UInt8](repeating: 0x41, count: 40)
        for place in text.indices {
            for byte in UInt8.min...UInt8.max {
                var changed = text
                changed[place] = byte
                let found = changed.withUnsafeBytes { $0.endOfFieldContent(from: 3, to: 37) }
                let isSeen = !byte.isFieldContent && (3..<37).contains(place)
                if found != (isSeen ? place : 37) { Issue.record("byte \(byte) at \(place): \(found)") }
            }
        }
    }

    @Test func fieldNamesAreKnownInAnyCase() {
        let kinds: [(String, FieldKind)] = [
            ("HOST", .host), ("Connection", .connection), ("keep-ALIVE", .hopByHop), ("te", .hopByHop),
            ("Trailer", .hopByHop), ("Proxy-Connection", .hopByHop), ("proxy-authenticate", .hopByHop),
            ("Proxy-Authorization", .hopByHop), ("Upgrade", .upgrade), ("Content-Length", .contentLength),
            ("Transfer-Encoding", .transferEncoding), ("Expect", .expect), ("Date", .date), ("X-Call-Id", .callID),
            ("X-Start-Time", .startTime), ("X-Served-By", .servedBy), ("X-Duration-Seconds", .durationSeconds),
            ("X-Forwarded-For", .forwardedFor), ("X-Forwarded-Host", .forwardedHost),
            ("X-Forwarded-Proto", .forwardedProto), ("Hosts", .other), ("X-Call-Ib", .other), ("", .other),
        ]
        for (name, kind) in kinds {
            #expect(Array(name.utf8).withUnsafeBytes { FieldKind(name: $0) } == kind, "\(name)")
        }
    }

    @Test func callHeadersAreTheContracts() {
        let pairs: [(String, FieldKind)] = [
            (CallHeaders.callID, .callID), (CallHeaders.startTime, .startTime),
            (CallHeaders.durationSeconds, .durationSeconds), (CallHeaders.forwardedFor, .forwardedFor),
            (CallHeaders.forwardedHost, .forwardedHost), (CallHeaders.forwardedProto, .forwardedProto),
        ]
        for (name, kind) in pairs {
            #expect(Array(name.utf8).withUnsafeBytes { FieldKind(name: $0) } == kind, "\(name)")
        }
    }

    private static func written(_ body: (inout ByteWriter) -> Void) -> String {
        var buffer = ByteBuffer()
        buffer.append(capacity: 300, body)
        return String(buffer: buffer)
    }

    @Test func numbersAreWritten() {
        #expect(Self.written { $0.write(decimal: 0) } == "0")
        #expect(Self.written { $0.write(decimal: UInt64.max) } == "18446744073709551615")
        #expect(Self.written { $0.write(decimal: 42, width: 6) } == "000042")
        #expect(Self.written { $0.write(hexadecimal: 0xABC, width: 4) } == "0abc")
        var random = SeededGenerator(seed: 1)
        for _ in 0..<1000 {
            let number = random.next() >> UInt64.random(in: 0...63, using: &random)
            #expect(Self.written { $0.write(decimal: number) } == "\(number)")
        }
        let uuid = Self.written { $0.writeUUID(0x0123_4567_89AB_CDEF, 0xFEDC_BA98_7654_3210) }
        #expect(uuid == "01234567-89ab-cdef-fedc-ba9876543210")
        for size in [1, 15, 16, 255, 4096, Int.max] {
            #expect(Self.written { $0.writeChunkSize(size) } == String(size, radix: 16) + "\r\n")
        }
    }

    @Test func callIDsAreVersion4UUIDsAndDiffer() {
        var seeds = SeededGenerator(seed: 7)
        var generator = CallIDGenerator(seededBy: &seeds)
        var seen: Set<String> = []
        for _ in 0..<1000 {
            let text = Self.written { generator.next().write(to: &$0) }
            let parts = text.split(separator: "-")
            #expect(parts.map(\.count) == [8, 4, 4, 4, 12])
            #expect(parts[2].first == "4")
            #expect("89ab".contains(parts[3].first ?? "x"))
            seen.insert(text)
        }
        #expect(seen.count == 1000)
    }

    @Test(arguments: [
        (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"), (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
        (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"), (1_795_494_091, "Tue, 24 Nov 2026 04:21:31 GMT"),
        (4_107_542_399, "Sun, 28 Feb 2100 23:59:59 GMT"), (-1, "Wed, 31 Dec 1969 23:59:59 GMT"),
    ])
    func dates(second: Int, text: String) {
        #expect(String(decoding: WallClock.text(second: second), as: UTF8.self) == text)
    }

    @Test func callsAreCounted() throws {
        var counter = CallCounter()
        for (status, milliseconds) in [(200, 5), (200, 6), (500, 10_000), (499, 20_000)] {
            counter.begin()
            counter.end(status: status, duration: Int64(milliseconds) * 1_000_000)
        }
        counter.begin()
        var sum = FunctionCounters(name: try FunctionName("f"))
        counter.add(to: &sum)
        #expect(sum.started == 5)
        #expect(sum.inFlight == 1)
        #expect(sum.statusCounts == [200: 2, 499: 1, 500: 1])
        // 5 ms belongs to the bucket whose bound it is, as Prometheus counts (less than or equal).
        #expect(sum.durationBuckets == [1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1])
        #expect(sum.durationSum == .milliseconds(30_011))
        #expect(sum.adding(sum).statusCounts == [200: 4, 499: 2, 500: 2])
    }

    @Test func secondsAreShort() {
        #expect(LocalAnswers.seconds(.seconds(60)) == "60")
        #expect(LocalAnswers.seconds(.milliseconds(1050)) == "1.050")
    }

    @Test func fallbackHeadsAreChecked() {
        func framing(_ headers: [(name: String, value: String)], status: Int = 200) -> FallbackFraming? {
            FallbackHead(status: status, headers: headers).framing(answering: .get, forHTTP11: true)
        }
        #expect(framing([]) == .chunked)
        #expect(framing([("Content-Length", "5")]) == .length(5))
        #expect(framing([], status: 204) == FallbackFraming.none)
        #expect(framing([("A", "b\r\nC: d")]) == nil)
        #expect(framing([("A b", "c")]) == nil)
        #expect(framing([("Content-Length", "-5")]) == nil)
        #expect(framing([("Content-Length", "5"), ("content-length", "5")]) == nil)
        #expect(framing([], status: 100) == nil)
    }
}
