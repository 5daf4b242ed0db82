import Glibc
import Logging
import NIOCore
import NIOPosix
import OpenFaaSAPI
import Testing

@testable import Proxy

/// Opening and closing the ports.
@Suite struct LifecycleTests {
    private static func server(
        _ listen: [ListenAddress], group: MultiThreadedEventLoopGroup = .singleton
    ) -> ProxyServer {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        return ProxyServer(
            configuration: ProxyConfiguration(listen: listen, servedBy: "test"),
            fallback: ClosureFallback { _, writer in try await writer.respond(status: 200) },
            waker: RecordingWaker(), group: group, logger: logger)
    }

    @Test func takenPortIsExplained() async throws {
        let first = Self.server([ListenAddress(host: "127.0.0.1", port: 0)])
        let port = try await first.start()[0].port
        let second = Self.server([
            ListenAddress(host: "127.0.0.1", port: 0), ListenAddress(host: "127.0.0.1", port: port),
        ])
        let error = await #expect(throws: ProxyError.self) { try await second.start() }
        #expect(error?.code == .addressInUse)
        #expect(error?.message.contains("127.0.0.1:\(port)") == true)
        await first.shutdown(grace: .zero)
    }

    @Test func missingAddressNeedsFreebind() async throws {
        // TEST-NET-1 is nobody's address.
        let plain = Self.server([ListenAddress(host: "192.0.2.1", port: 0)])
        let error = await #expect(throws: ProxyError.self) { try await plain.start() }
        #expect(error?.code == .listenFailed)
        let free = Self.server([ListenAddress(host: "192.0.2.1", port: 0, freebind: true)])
        #expect(try await free.start()[0].host == "192.0.2.1")
        await free.shutdown(grace: .zero)
        await #expect(throws: ProxyError.self) { try await free.start() }
    }

    @Test func inheritedSocketIsServed() async throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let bound = withUnsafeBytes(of: &address) { bytes in
            bytes.withMemoryRebound(to: sockaddr.self) {
                bind(descriptor, $0.baseAddress, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        #expect(bound == 0)
        #expect(listen(descriptor, 16) == 0)
        let server = Self.server([.inherited(descriptor: descriptor)])
        let port = try await server.start()[0].port
        let client = try await RawConnection.connect(port: port)
        try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try await client.readMessage().status == 200)
        await server.shutdown(grace: .seconds(5))
    }

    @Test func shutdownLetsRunningCallsEndAndClosesUnusedConnections() async throws {
        // One loop: the end of the one connection tells that the loop of the other knows of the shutdown, too.
        try await ProxyFixture.with(loops: 1) { proxy in
            try await Replica.with { replica in
                try await proxy.publish(replica)
                let (busy, unused) = (try await proxy.connect(), try await proxy.connect())
                try await unused.send("GET /x HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(try await unused.readMessage().status == 200)
                try await busy.send("GET /function/f HTTP/1.1\r\nHost: a\r\n\r\n")
                let upstream = try await replica.accept()
                _ = try await upstream.readHead()
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { await proxy.server.shutdown(grace: .seconds(20)) }
                    #expect(try await unused.isAtEnd())
                    try await unused.close()
                    try await upstream.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
                    let answer = try await busy.readMessage()
                    #expect(answer.body == "ok")
                    #expect(answer.fields("connection") == ["close"])
                    #expect(try await busy.isAtEnd())
                    try await busy.close()
                    try await group.waitForAll()
                }
                await #expect(throws: (any Error).self) { try await proxy.connect() }
            }
        }
    }

    @Test func shutdownCutsWhatOutlastsTheGrace() async throws {
        let ended = NIOLockedState(false)
        let fallback = ClosureFallback { _, _ in
            try? await Task.sleep(for: .seconds(3600))
            ended.with { $0 = true }
        }
        try await ProxyFixture.with(loops: 2, fallback: fallback) { proxy in
            try await Replica.with { replica in
                try await proxy.publish(replica)
                let (call, control) = (try await proxy.connect(), try await proxy.connect())
                try await call.send("GET /function/f HTTP/1.1\r\nHost: a\r\n\r\n")
                let upstream = try await replica.accept()
                _ = try await upstream.readHead()
                try await control.send("GET /x HTTP/1.1\r\nHost: a\r\n\r\n")
                await proxy.server.shutdown(grace: .milliseconds(100))
                #expect(try await call.isAtEnd())
                #expect(try await control.isAtEnd())
                #expect(try await upstream.isAtEnd())
                // The control plane's task was waited for.
                #expect(ended.with { $0 })
            }
        }
    }
}
