import NIOCore
import OpenFaaSAPI
import Testing

@testable import Proxy

/// Replicas that die or fail while another lives.
@Suite(.serialized) struct EjectionTests {
    private static let get = "GET /function/f HTTP/1.1\r\nHost: a\r\n\r\n"

    private static func publish(_ proxy: ProxyFixture, _ endpoints: ReplicaEndpoint...) async throws {
        try await proxy.publish(.ready(endpoints))
    }

    /// Of two replicas one is killed in the middle of many calls: no client sees it.
    @Test func noClientSeesAReplicaDie() async throws {
        try await ProxyFixture.with(loops: 2) { proxy in
            try await EchoReplica.with(id: "mortal") { mortal in
                try await EchoReplica.with(id: "other") { other in
                    try await Self.publish(proxy, mortal.endpoint, other.endpoint)
                    let answered = NIOLockedState(0)
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        for number in 0..<16 {
                            group.addTask {
                                let client = try await proxy.connect()
                                let method = ["GET", "PUT", "DELETE"][number % 3]
                                for round in 0..<200 {
                                    try await client.send(
                                        "\(method) /function/f HTTP/1.1\r\nHost: a\r\n"
                                            + "Content-Length: 4\r\n\r\nbody")
                                    let answer = try await client.readMessage()
                                    #expect(answer.body == "\(method) / body", "round \(round)")
                                    answered.with { $0 += 1 }
                                }
                            }
                        }
                        try await eventually("calls are running") { answered.with { $0 } > 400 }
                        await mortal.die()
                        try await group.waitForAll()
                    }
                    #expect(try await proxy.counters().statusCounts == [200: 3200])
                }
            }
        }
    }

    /// The same, with the call certain to be on the replica that dies, on a connection that was never used before.
    @Test(arguments: ["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE", "POST", "PATCH"])
    func callGoesOnWhereItMay(_ method: String) async throws {
        try await ProxyFixture.with(loops: 1) { proxy in
            try await Replica.with(id: "mortal") { mortal in
                try await EchoReplica.with { echo in
                    try await Self.publish(proxy, mortal.endpoint)
                    let client = try await proxy.connect()
                    try await client.send(
                        "\(method) /function/f/x HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody")
                    let upstream = try await mortal.accept()
                    #expect(try await upstream.readMessage().body == "body")
                    try await Self.publish(proxy, mortal.endpoint, echo.endpoint)
                    try await upstream.abort()
                    let answer = try await client.readMessage(hasBody: method != "HEAD")
                    if ["POST", "PATCH"].contains(method) {
                        #expect(answer.status == 502)
                    } else {
                        #expect(answer.status == 200)
                        if method != "HEAD" { #expect(answer.body == "\(method) /x body") }
                    }
                    #expect(mortal.acceptedCount == 1)
                }
            }
        }
    }

    /// A body that is too long to be kept, or of which more came later, cannot be sent again.
    @Test(arguments: [(40_000, 0), (4, 4)])
    func callStaysWhenItsBodyIsNotKept(_ first: Int, _ later: Int) async throws {
        try await ProxyFixture.with(loops: 1) { proxy in
            try await Replica.with(id: "mortal") { mortal in
                try await EchoReplica.with { echo in
                    try await Self.publish(proxy, mortal.endpoint)
                    let client = try await proxy.connect()
                    let length = first + later
                    try await client.send("PUT /function/f HTTP/1.1\r\nHost: a\r\nContent-Length: \(length)\r\n\r\n")
                    try await client.send(ByteBuffer(repeating: 0x61, count: first))
                    let upstream = try await mortal.accept()
                    _ = try await upstream.readHead()
                    _ = try await upstream.read(first)
                    if later > 0 {
                        try await client.send(ByteBuffer(repeating: 0x61, count: later))
                        _ = try await upstream.read(later)
                    }
                    try await Self.publish(proxy, mortal.endpoint, echo.endpoint)
                    try await upstream.abort()
                    #expect(try await client.readMessage().status == 502)
                }
            }
        }
    }

    /// A replica that has sent an interim answer has begun: the client has seen it.
    @Test func callStaysAfterAnInterimAnswer() async throws {
        try await ProxyFixture.with(loops: 1) { proxy in
            try await Replica.with(id: "mortal") { mortal in
                try await EchoReplica.with { echo in
                    try await Self.publish(proxy, mortal.endpoint)
                    let client = try await proxy.connect()
                    try await client.send(Self.get)
                    let upstream = try await mortal.accept()
                    _ = try await upstream.readHead()
                    try await upstream.send("HTTP/1.1 103 Early Hints\r\n\r\n")
                    #expect(try await client.readHead().hasPrefix("HTTP/1.1 103"))
                    try await Self.publish(proxy, mortal.endpoint, echo.endpoint)
                    try await upstream.abort()
                    #expect(try await client.readMessage().status == 502)
                }
            }
        }
    }

    @Test func replicaIsLeftOutAndServesAgain() async throws {
        let log = RecordingLog()
        let limits: (inout ProxyLimits) -> Void = { $0.ejectAfterFailures = 3 }
        try await ProxyFixture.with(loops: 1, log: log, limits: limits) { proxy in
            try await EchoReplica.with(id: "live") { live in
                let port = try await EchoReplica.with(id: "dead") { dead in
                    await dead.die()
                    try await Self.publish(proxy, dead.endpoint, live.endpoint)
                    return dead.port
                }
                let client = try await proxy.connect()
                func calls(until fact: () -> Bool) async throws {
                    try await eventually("it is logged") {
                        try await client.send("POST /function/f HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi")
                        #expect(try await client.readMessage().body == "POST / hi")
                        return fact()
                    }
                }
                try await calls { log.lines("warning").count == 2 }
                let text = "warning a replica fails and is left out for a while"
                #expect(
                    log.lines("warning") == [
                        "\(text) failures=3 function=f.openfaas-fn replica=dead seconds=1",
                        "\(text) failures=4 function=f.openfaas-fn replica=dead seconds=2",
                    ])
                #expect(log.lines("info a replica").isEmpty)
                try await EchoReplica.with(id: "dead", port: port) { _ in
                    try await calls { !log.lines("info a replica").isEmpty }
                }
                #expect(
                    log.lines("info a replica") == [
                        "info a replica that was left out serves again function=f.openfaas-fn replica=dead"
                    ])
            }
        }
    }

    /// What counts as a failure, and what does not.
    @Test(arguments: [
        ("garbage\r\n\r\n", true), ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz", true), ("", true),
        ("silence", true), ("HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n", false),
        ("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", false),
        ("HTTP/1.1 504 Late\r\n\r\n", false),
    ])
    func failures(_ answer: String, _ counts: Bool) async throws {
        let log = RecordingLog()
        let limits: (inout ProxyLimits) -> Void = {
            $0.ejectAfterFailures = 1
            $0.upstreamTimeout = answer == "silence" ? .milliseconds(300) : .seconds(60)
        }
        try await ProxyFixture.with(loops: 1, log: log, limits: limits) { proxy in
            try await Replica.with(id: "bad") { bad in
                try await EchoReplica.with { echo in
                    try await Self.publish(proxy, bad.endpoint)
                    let client = try await proxy.connect()
                    try await client.send(Self.get)
                    let upstream = try await bad.accept()
                    _ = try await upstream.readHead()
                    try await Self.publish(proxy, bad.endpoint, echo.endpoint)
                    if answer != "silence" {
                        if !answer.isEmpty { try await upstream.send(answer) }
                        if answer.isEmpty || answer.contains("504") { try await upstream.close() }
                    }
                    _ = try await client.readHead()
                    try await eventually("the call has ended") { try await proxy.counters().inFlight == 0 }
                    #expect(log.lines("warning").count == (counts ? 1 : 0))
                }
            }
        }
    }
}
