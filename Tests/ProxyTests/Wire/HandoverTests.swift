import Glibc
import NIOCore
import OpenFaaSAPI
import Testing

@testable import Proxy

/// Connections that one proxy leaves to the next.
@Suite struct HandoverTests {
    /// Keeps descriptors as systemd does: of its own, for the same connections.
    private final class Store: ConnectionKeeper {
        private let kept = NIOLockedState([CInt]())
        private let places: Int

        init(places: Int = .max) {
            self.places = places
        }

        func keep(_ descriptor: CInt) -> Bool {
            kept.with { kept in
                guard kept.count < places else { return false }
                kept.append(dup(descriptor))
                return true
            }
        }

        func take() -> [CInt] {
            kept.with { kept in
                defer { kept = [] }
                return kept
            }
        }
    }

    private static let request = "GET /x HTTP/1.1\r\nHost: a\r\n\r\n"

    @Test func anUnusedConnectionIsServedOnByTheNextProxy() async throws {
        let store = Store()
        try await ProxyFixture.with(loops: 2) { first in
            let clients = [try await first.connect(), try await first.connect()]
            for client in clients {
                try await client.send(Self.request)
                #expect(try await client.readMessage().status == 200)
            }
            await first.server.shutdown(grace: .seconds(20), keeper: store)
            // Between the two a request waits in the kernel.
            try await clients[0].send(Self.request)
            try await ProxyFixture.with(loops: 2) { next in
                let connections = store.take()
                #expect(connections.count == 2)
                await next.server.adopt(connections)
                #expect(try await clients[0].readMessage().status == 200)
                try await clients[1].send(Self.request)
                #expect(try await clients[1].readMessage().status == 200)
                await next.server.shutdown(grace: .seconds(20))
                #expect(try await clients[0].isAtEnd())
            }
            for client in clients { try await client.close() }
        }
    }

    @Test func aCallUnderWayEndsAndATornHeadIsNotKept() async throws {
        let store = Store()
        try await ProxyFixture.with(loops: 1, limits: { $0.headTimeout = .milliseconds(300) }) { proxy in
            try await Replica.with { replica in
                try await proxy.publish(replica)
                let (busy, torn) = (try await proxy.connect(), try await proxy.connect())
                try await torn.send("GET /x HTTP/1.1\r\nHo")
                try await busy.send("GET /function/f HTTP/1.1\r\nHost: a\r\n\r\n")
                let upstream = try await replica.accept()
                _ = try await upstream.readHead()
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { await proxy.server.shutdown(grace: .seconds(20), keeper: store) }
                    #expect(try await torn.readMessage().status == 408)
                    try await upstream.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
                    let answer = try await busy.readMessage()
                    #expect(answer.body == "ok")
                    #expect(answer.fields("connection") == ["close"])
                    try await busy.close()
                    try await torn.close()
                    try await group.waitForAll()
                }
                #expect(store.take().isEmpty)
            }
        }
    }

    @Test func aConnectionThatWasPromisedToStayIsKeptAfterItsAnswer() async throws {
        let store = Store()
        try await ProxyFixture.with(loops: 1) { proxy in
            try await Replica.with { replica in
                try await proxy.publish(replica)
                let client = try await proxy.connect()
                try await client.send("GET /function/f HTTP/1.1\r\nHost: a\r\n\r\n")
                let upstream = try await replica.accept()
                _ = try await upstream.readHead()
                try await upstream.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no")
                #expect(try await client.readHead().contains("connection: close") == false)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { await proxy.server.shutdown(grace: .seconds(20), keeper: store) }
                    // One loop: a table that is in use tells that the loop knows of the shutdown, or will before the answer.
                    await proxy.server.settle()
                    try await upstream.send("k")
                    #expect(try await client.read(2) == "ok")
                    try await group.waitForAll()
                }
                let kept = store.take()
                #expect(kept.count == 1)
                for descriptor in kept { close(descriptor) }
                #expect(try await client.isAtEnd())
                try await client.close()
            }
        }
    }

    @Test func whatNobodyKeepsIsClosed() async throws {
        let store = Store(places: 1)
        try await ProxyFixture.with(loops: 1) { proxy in
            let clients = [try await proxy.connect(), try await proxy.connect()]
            for client in clients {
                try await client.send(Self.request)
                #expect(try await client.readMessage().status == 200)
            }
            await proxy.server.shutdown(grace: .seconds(20), keeper: store)
            let kept = store.take()
            #expect(kept.count == 1)
            for descriptor in kept { close(descriptor) }
            for client in clients {
                #expect(try await client.isAtEnd())
                try await client.close()
            }
        }
    }
}
