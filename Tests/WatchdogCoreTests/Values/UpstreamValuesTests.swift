import Glibc
import Testing

@testable import WatchdogCore

@Suite struct UpstreamValuesTests {
    private static let loopback = UInt32(0x7f00_0001).bigEndian

    @Test func readsAddresses() {
        let both: [UpstreamAddress.Place] = [.ipv4(Self.loopback, port: 3000), .loopback6(port: 3000)]
        #expect(UpstreamAddress("http://localhost:3000")?.places == both)
        #expect(UpstreamAddress("http://127.0.0.1:5000")?.places == [.ipv4(Self.loopback, port: 5000)])
        #expect(UpstreamAddress("http://127.0.0.1")?.places == [.ipv4(Self.loopback, port: 80)])
        #expect(UpstreamAddress("http://[::1]:81/a/b/")?.places == [.loopback6(port: 81)])
        #expect(UpstreamAddress("http://[::1]:81/a/b/")?.prefix == "/a/b")
        #expect(UpstreamAddress("http://127.0.0.1:5000/")?.prefix == "")
        #expect(UpstreamAddress("unix:///run/f.sock")?.places == [.unix(path: "/run/f.sock")])
        for text in [
            "", "127.0.0.1:80", "https://127.0.0.1", "http://", "http://host:80", "http://127.0.0.1:0",
            "http://127.0.0.1:99999", "http://127.0.0.1:x", "http://127.0.0.1/a b", "http://127.0.0.1/?q", "unix://run",
            "unix:///" + String(repeating: "x", count: 120), "http://[::2]:80",
        ] {
            #expect(UpstreamAddress(text) == nil, "\(text)")
        }
    }

    private func head(_ text: String, isHEAD: Bool = false) -> UpstreamResponse? {
        withBytes(text) { UpstreamResponse($0, isHEAD: isHEAD) }
    }

    @Test func findsTheEndOfAHead() {
        #expect(withBytes("HTTP/1.1 200 OK\r\nA: b\r\n\r\nbody") { UpstreamResponse.end($0) } == 25)
        #expect(withBytes("HTTP/1.1 200 OK\nA: b\n\nbody") { UpstreamResponse.end($0) } == 22)
        #expect(withBytes("HTTP/1.1 200 OK\r\nA: b\r\n") { UpstreamResponse.end($0) } == nil)
        #expect(withBytes("") { UpstreamResponse.end($0) } == nil)
    }

    @Test func knowsHowABodyEnds() {
        #expect(head("HTTP/1.1 200 OK\r\n\r\n")?.framing == .untilClose)
        #expect(head("HTTP/1.1 200\r\nContent-Length: 5\r\n\r\n")?.framing == .length(5))
        #expect(head("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")?.framing == .chunked)
        #expect(head("HTTP/1.1 204 OK\r\nContent-Length: 5\r\n\r\n")?.framing == UpstreamResponse.Framing.none)
        let answer = head("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", isHEAD: true)
        #expect(answer?.framing == UpstreamResponse.Framing.none)
        #expect(answer?.length == .exact(5))
        #expect(head("HTTP/1.1 304 OK\r\n\r\n")?.length == ResponseHead.Length.none)
    }

    @Test func knowsWhetherAConnectionGoesOn() {
        #expect(head("HTTP/1.1 204 x\r\n\r\n")?.keepsAlive == true)
        #expect(head("HTTP/1.1 204 x\r\nConnection: Close\r\n\r\n")?.keepsAlive == false)
        #expect(head("HTTP/1.0 204 x\r\n\r\n")?.keepsAlive == false)
        #expect(head("HTTP/1.1 200 x\r\n\r\n")?.keepsAlive == false)
    }

    @Test(arguments: [
        "\r\n\r\n", "HTTP/2 200 OK\r\n\r\n", "HTTP/1.1 20 OK\r\n\r\n", "HTTP/1.1 099 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nno colon\r\n\r\n", "HTTP/1.1 200 OK\r\n: x\r\n\r\n", "HTTP/1.1 200 OK\r\nA b: x\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", "HTTP/1.1 200 OK\r\nA: \u{1}\r\n\r\n",
    ])
    func refuses(text: String) {
        #expect(head(text) == nil)
    }

    @Test func passesOnWhatIsNotItsOwn() {
        let text = "HTTP/1.1 200 OK\r\nA: b\r\nKeep-Alive: x\r\nDate: d\r\nContent-Length: 0\r\n\r\n"
        let buffer = Buffer(capacity: 1000)
        withBytes(text) { bytes in UpstreamResponse(bytes, isHEAD: false)?.fields.write(bytes, to: buffer) }
        #expect(buffer.text == "A: b\r\nDate: d\r\n")
    }

    @Test func writesALogLine() throws {
        let text = "GET /a?b HTTP/1.1\r\nHost: h\r\nX-Call-Id: 7\r\n\r\n"
        let buffer = Buffer(capacity: 1000)
        let head = try parse(text).get()
        withBytes(text) { bytes in
            for showsCallID in [false, true] {
                RequestLine(head, bytes, showsCallID: showsCallID).write(
                    to: buffer, status: 299, length: -1, duration: .milliseconds(2))
            }
        }
        let line = "GET /a?b - 299 - ContentLength: -1B (0.002000s)"
        #expect(buffer.text == line + line + " [7]")
    }
}
