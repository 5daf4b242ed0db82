import NIOCore
import TestSupport
import Testing

@testable import NATS

struct FrameParserTests {
    private static let info =
        #"INFO {"version":"2.9.10","max_payload":1048576,"headers":true,"jetstream":true,"more":[1]}"# + " \r\n"

    /// Everything a server sends, once.
    private static let stream =
        info + "PING\r\nPONG\r\n+OK\r\n-ERR 'Unknown Protocol Operation'\r\nMSG a.b 7 5\r\nhello\r\n"
        + "MSG a.b 7 back.1 0\r\n\r\nHMSG a 1 23 28\r\nNATS/1.0\r\nA:b\r\nC: d\r\n\r\nhello\r\n"
        + "HMSG a 1 r 28 30\r\nNATS/1.0 404 No Messages\r\n\r\n\r\n\r\nping\r\n"

    private func parse(_ pieces: [String]) throws -> [ServerFrame] {
        var parser = FrameParser()
        var frames: [ServerFrame] = []
        for piece in pieces {
            parser.append(ByteBuffer(string: piece))
            while let frame = try parser.next() { frames.append(frame) }
        }
        return frames
    }

    private let expected: [ServerFrame] = [
        .info(ServerInfo(version: "2.9.10", maxPayload: 1 << 20, headers: true, tlsRequired: nil, jetstream: true)),
        .ping, .pong, .ok, .error("Unknown Protocol Operation"),
        .message(NATSMessage(subject: "a.b", payload: Array("hello".utf8)), subscription: 7),
        .message(NATSMessage(subject: "a.b", reply: "back.1"), subscription: 7),
        .message(
            NATSMessage(subject: "a", headers: ["A": "b", "C": "d"], payload: Array("hello".utf8)), subscription: 1),
        .message(NATSMessage(subject: "a", reply: "r", status: 404, payload: Array("\r\n".utf8)), subscription: 1),
        .ping,
    ]

    @Test func everythingIsRead() throws {
        let stream = Self.stream
        #expect(try parse([stream]) == expected)
        // Cut anywhere, it is the same.
        let bytes = Array(stream.utf8)
        for cut in 1..<bytes.count {
            let pieces = [bytes[..<cut], bytes[cut...]].map { String(decoding: $0, as: UTF8.self) }
            #expect(try parse(pieces) == expected, "cut at \(cut)")
        }
        #expect(try parse(bytes.map { String(decoding: [$0], as: UTF8.self) }) == expected)
    }

    @Test(arguments: [
        "HELLO\r\n", "\r\n", "PING\n", "MSG a 1\r\n", "MSG a x 5\r\n", "MSG a 1 -5\r\n", "MSG a 1 +5\r\n",
        "MSG a 1 r 5 9\r\n",
        "MSG a 1 99999999999\r\n", "MSG a 1 2000000\r\n", "MSG a 1 5\r\nhellooo\r\n", "HMSG a 1 9 5\r\n",
        "HMSG a 1 5 5\r\nhello\r\n", "HMSG a 1 12 12\r\nNATS/2.0\r\n\r\n\r\n",
        "HMSG a 1 14 14\r\nNATS/1.0\r\n:b\r\n\r\n",
        "HMSG a 1 15 15\r\nNATS/1.0 4x4\r\n\r\n\r\n", "INFO {}\r\n", "INFO {\"version\":\"1\",\"max_payload\":-1}\r\n",
        "INFO [\r\n", "GET / HTTP/1.1\r\n",
    ])
    func whatIsNotOfTheProtocolIsRefused(text: String) {
        let error = #expect(throws: NATSError.self) { _ = try parse([text]) }
        #expect(error?.code == .protocolViolation)
    }

    @Test func linesAreBounded() throws {
        let long = String(repeating: "x", count: FrameParser.maximumInfo + 1)
        // With and without an end.
        #expect(throws: NATSError.self) { _ = try parse([long]) }
        #expect(throws: NATSError.self) { _ = try parse([Self.info, String(repeating: "x", count: 5000)]) }
        #expect(throws: NATSError.self) {
            _ = try parse([Self.info, "MSG " + String(repeating: "x", count: 5000) + " 1 0\r\n\r\n"])
        }
        // An INFO of a large cluster is longer than other lines, also a later one.
        let padded = Self.info.replacing("[1]", with: "\"" + String(repeating: "x", count: 9000) + "\"")
        #expect(try parse([padded, padded]).count == 2)
    }

    /// Random bytes, and random cuts and changes of sound ones, are read or refused; nothing else happens.
    @Test func randomBytesDoNoHarm() throws {
        var generator = try SeededGenerator()
        let sound = Array(Self.stream.utf8)
        var refused = 0
        for _ in 0..<3000 {
            var bytes = sound
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let place = Int.random(in: 0..<bytes.count, using: &generator)
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &generator)
                case 1: bytes.remove(at: place)
                default: bytes.insert(contentsOf: "0 \r\n".utf8.shuffled(using: &generator), at: place)
                }
            }
            var parser = FrameParser()
            do {
                var rest = bytes[...]
                while !rest.isEmpty {
                    let piece = rest.prefix(Int.random(in: 1...40, using: &generator))
                    rest = rest.dropFirst(piece.count)
                    parser.append(ByteBuffer(bytes: piece))
                    while try parser.next() != nil {}
                }
            } catch {
                refused += 1
            }
        }
        #expect(refused > 500, "seed \(generator.seed)")
    }

    @Test func fieldsReadBack() throws {
        let headers: NATSHeaders = ["Nats-Msg-Id": "a b", "X": "", "Y": "é: ü"]
        #expect(try HeaderBlock.read(HeaderBlock.write(headers)).headers == headers)
        for bad: NATSHeaders in [["A": "b\r\nC: d"], ["A\r\n": "b"], ["": "b"], ["A:": "b"], ["A": "b\0"]] {
            let error = #expect(throws: NATSError.self) { _ = try HeaderBlock.write(bad) }
            #expect(error?.code == .badName)
        }
    }
}
