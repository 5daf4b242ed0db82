import NIOCore
import Testing

@testable import Proxy

/// Connections that are reset, in every phase of a call: nothing is left over, and the next client is served.
@Suite struct ResetTests {
    enum Phase: String, CaseIterable, Sendable {
        case beforeTheFirstByte
        case inTheHead
        case waitingForAReplica
        case inTheBody
        case beforeTheAnswer
        case inTheHeadOfTheAnswer
        case inTheAnswer
        case behindTheAnswer
        case inATunnel

        /// Phases in which a replica has a connection.
        static let ofReplicas: [Phase] = [
            .inTheBody, .beforeTheAnswer, .inTheHeadOfTheAnswer, .inTheAnswer, .behindTheAnswer, .inATunnel,
        ]

        var request: String {
            switch self {
            case .beforeTheFirstByte: ""
            case .inTheHead: "GET /function/f HTTP/1.1\r\nHos"
            case .inTheBody: "POST /function/f HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n01234"
            case .inATunnel:
                "GET /function/f HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
            default: "POST /function/f HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi"
            }
        }

        var answer: String {
            switch self {
            case .inTheHeadOfTheAnswer: "HTTP/1.1 200 OK\r\nConte"
            case .inTheAnswer: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel"
            case .behindTheAnswer: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
            case .inATunnel: "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\nhello"
            default: ""
            }
        }

        /// What has arrived at the client when the phase is reached.
        var seen: String {
            switch self {
            case .inTheAnswer: "5\r\nhel"
            case .behindTheAnswer, .inATunnel: "hello"
            default: ""
            }
        }
    }

    /// Brings a call to a phase.
    private static func reach(
        _ phase: Phase, _ proxy: ProxyFixture, _ replicas: Replica
    ) async throws -> (client: RawConnection, replica: RawConnection?) {
        let client = try await proxy.connect()
        if phase == .waitingForAReplica { try await proxy.publish(.waiting) }
        if !phase.request.isEmpty { try await client.send(phase.request) }
        switch phase {
        case .beforeTheFirstByte, .inTheHead: return (client, nil)
        case .waitingForAReplica:
            try await eventually("the call waits") { try await proxy.counters().inFlight == 1 }
            return (client, nil)
        default: break
        }
        let replica = try await replicas.accept()
        _ = try await replica.readHead()
        _ = try await replica.read(phase == .inATunnel ? 0 : phase == .inTheBody ? 5 : 2)
        if !phase.answer.isEmpty { try await replica.send(phase.answer) }
        if !phase.seen.isEmpty {
            _ = try await client.readHead()
            #expect(try await client.read(phase.seen.utf8.count) == phase.seen)
        }
        return (client, replica)
    }

    private static func withPhase(
        _ phase: Phase, _ reset: (RawConnection, RawConnection?) async throws -> Void
    ) async throws {
        try await ProxyFixture.with(loops: 1, limits: { $0.idleUpstreamConnections = 0 }) { proxy in
            try await Replica.with { replicas in
                try await proxy.publish(replicas)
                let (client, replica) = try await reach(phase, proxy, replicas)
                try await reset(client, replica)
                try await eventually("the call has ended") { try await proxy.counters().inFlight == 0 }
                try await proxy.publish(replicas)
                try await HalfClosedTests.serve(proxy.port) { try await replicas.accept() }
                #expect(try await proxy.counters().inFlight == 0)
            }
        }
    }

    @Test(arguments: Phase.allCases) func ofAClient(_ phase: Phase) async throws {
        try await Self.withPhase(phase) { client, replica in
            try await client.abort()
            if let replica { _ = try await replica.readToEnd() }
        }
    }

    @Test(arguments: Phase.ofReplicas) func ofAReplica(_ phase: Phase) async throws {
        try await Self.withPhase(phase) { client, replica in
            try await replica?.abort()
            switch phase {
            case .inTheAnswer, .inATunnel: #expect(try await client.isAtEnd())
            case .behindTheAnswer: break
            default: #expect(try await client.readMessage().status == 502)
            }
        }
    }

    /// Many at once, and every descriptor comes back.
    @Test func descriptorsComeBack() async throws {
        try await ProxyFixture.with(loops: 1, limits: { $0.idleUpstreamConnections = 0 }) { proxy in
            try await Replica.with { replicas in
                try await proxy.publish(replicas)
                try await StreamingTests.untilStill { openDescriptors() }
                let before = openDescriptors()
                for phase in Phase.ofReplicas + Phase.ofReplicas {
                    let (client, replica) = try await Self.reach(phase, proxy, replicas)
                    try await client.abort()
                    try await replica?.close()
                }
                try await eventually("all descriptors are back") { openDescriptors() <= before }
            }
        }
    }
}
