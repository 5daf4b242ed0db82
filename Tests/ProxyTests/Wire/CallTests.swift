import NIOCore
import OpenFaaSAPI
import Testing

@testable import Proxy

/// What a replica and a client see of a call.
@Suite struct CallTests {
    @Test func headIsForwardedWithOnlyWhatMustChange() async throws {
        try await ProxyFixture.with { proxy in
            try await Replica.with { replica in
                try await proxy.publish(replica)
                let client = try await proxy.connect()
                try await client.send(
                    "GET /function/f/a%2Fb/?q=%20&x HTTP/1.1\r\nHost: gateway:8080\r\nAccept: */*\r\n"
                        + "Connection: keep-alive, X-Private\r\nX-Private: 1\r\nKeep-Alive: 5\r\nTE: trailers\r\n"
                        + "Proxy-Authorization: x\r\nX-Start-Time: 1\r\nX-Forwarded-For: 10.0.0.1\r\n"
                        + "X-Odd:\tvalue \r\nUpgrade: h2c\r\n\r\n")
                let upstream = try await replica.accept()
                let request = try await upstream.readMessage()
                #expect(request.startLine == "GET /a%2Fb/?q=%20&x HTTP/1.1")
                #expect(request.fields("host") == [replica.hostField])
                #expect(request.fields("accept") == ["*/*"])
                #expect(request.fields("x-odd") == ["\tvalue "])
                for name in [
                    "connection", "x-private", "keep-alive", "te", "proxy-authorization", "upgrade", "content-length",
                    "transfer-encoding",
                ] { #expect(request.fields(name) == [], "\(name)") }
                #expect(request.fields("x-forwarded-for") == ["10.0.0.1, 127.0.0.1"])
                #expect(request.fields("x-forwarded-host") == ["gateway:8080"])
                #expect(request.fields("x-forwarded-proto") == ["http"])
                #expect(request.fields("x-start-time").count == 1)
                #expect((request.field("x-start-time").flatMap { Int($0) } ?? 0) > 1_700_000_000_000_000_000)
                let callID = try #require(request.field("x-call-id"))
                #expect(callID.count == 36)

                try await upstream.send(
                    "HTTP/1.1 201 Made It\r\nServer: me\r\nConnection: X-Hop\r\nX-Hop: 1\r\nKeep-Alive: 3\r\n"
                        + "Set-Cookie: a\r\nSet-Cookie: b\r\nContent-Length: 2\r\n\r\nok")
                let answer = try await client.readMessage()
                #expect(answer.startLine == "HTTP/1.1 201 Made It")
                #expect(answer.body == "ok")
                #expect(answer.fields("set-cookie") == ["a", "b"])
                #expect(answer.fields("server") == ["me"])
                for name in ["x-hop", "keep-alive", "connection"] { #expect(answer.fields(name) == [], "\(name)") }
                #expect(answer.fields("x-call-id") == [callID])
                #expect(answer.fields("x-served-by") == ["faasd/test"])
                #expect(answer.field("x-start-time") == request.field("x-start-time"))
                #expect(answer.field("x-duration-seconds")?.split(separator: ".").last?.count == 6)
                #expect(answer.fields("date").count == 1)
            }
        }
    }

    @Test func aProviderGetsThePathBehindThatOfTheFunction() async throws {
        try await ProxyFixture.with { proxy in
            try await Replica.with { replica in
                await proxy.server.publish(
                    RouteTable([
                        Route(
                            name: try FunctionName("f"), state: .ready([replica.endpoint]),
                            pathPrefix: "/function/f.openfaas-fn")
                    ]))
                for (path, expected) in [("", "/"), ("/", "/"), ("/a/b?c", "/a/b?c"), ("?c", "/?c")] {
                    let client = try await proxy.connect()
                    try await client.send("GET /function/f\(path) HTTP/1.1\r\nHost: x\r\n\r\n")
                    let request = try await replica.accept().readMessage()
                    #expect(request.startLine == "GET /function/f.openfaas-fn\(expected) HTTP/1.1")
                }
            }
        }
    }

    @Test func factsOfClientAndFunctionAreKept() async throws {
        try await ProxyFixture.with { proxy in
            try await Replica.with { replica in
                try await proxy.publish(replica)
                let client = try await proxy.connect()
                try await client.send(
                    "GET /function/f.openfaas-fn HTTP/1.1\r\nHost: a\r\nX-Call-Id: mine\r\n"
                        + "X-Forwarded-Host: outer\r\nX-Forwarded-Proto: https\r\n\r\n")
                let upstream = try await replica.accept()
                let request = try await upstream.readMessage()
                #expect(request.startLine == "GET / HTTP/1.1")
                #expect(request.fields("x-call-id") == ["mine"])
                #expect(request.fields("x-forwarded-host") == ["outer"])
                #expect(request.fields("x-forwarded-proto") == ["https"])
                try await upstream.send(
                    "HTTP/1.1 200 OK\r\nX-Duration-Seconds: 7\r\nX-Served-By: fn\r\nContent-Length: 0\r\n\r\n")
                let answer = try await client.readMessage()
                #expect(answer.fields("x-call-id") == ["mine"])
                #expect(answer.fields("x-duration-seconds") == ["7"])
                #expect(answer.fields("x-served-by") == ["fn"])
                #expect(answer.fields("content-length") == ["0"])
            }
        }
    }

    @Test(arguments: [
        ("/function/f", "/"), ("/function/f/", "/"), ("/function/f?a=b", "/?a=b"), ("/function/f/?a", "/?a"),
        ("/function/f/x/", "/x/"), ("/function/f//x/../y", "//x/../y"), ("http://other/function/f/x", "/x"),
        ("/function/f.openfaas-fn/x?y=/function/z", "/x?y=/function/z"),
    ])
    func pathIsForwardedRaw(target: String, path: String) async throws {
        try await ProxyFixture.with { proxy in
            try await Replica.with { replica in
                try await proxy.publish(replica)
                let client = try await proxy.connect()
                try await client.send("GET \(target) HTTP/1.1\r\nHost: a\r\n\r\n")
                let request = try await replica.accept().readMessage()
                #expect(request.startLine == "GET \(path) HTTP/1.1")
            }
        }
    }

    @Test(arguments: [
        ("/function/", 404), ("/function/.openfaas-fn", 404), ("/function/g", 404), ("/function/f.other", 404),
        ("/function/..%2f", 400), ("/function/f%20", 400), ("/function/..", 400), ("/function/a@b", 400),
        ("/function/-f", 400),
    ])
    func namesThatAreNoFunction(target: String, status: Int) async throws {
        try await ProxyFixture.with { proxy in
            try await proxy.publish(.stopped(reason: "never"))
            let client = try await proxy.connect()
            try await client.send("GET \(target) HTTP/1.1\r\nHost: a\r\n\r\n")
            let answer = try await client.readMessage()
            #expect(answer.status == status)
            #expect(!answer.body.isEmpty)
            // The connection is still good.
            try await client.send("GET /function/f HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await client.readMessage().status == 503)
        }
    }

    @Test func unknownFunctionHasTheGatewaysText() async throws {
        try await ProxyFixture.with { proxy in
            let client = try await proxy.connect()
            try await client.send("POST /function/none HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody")
            let answer = try await client.readMessage()
            #expect(answer.body == "error finding function none.openfaas-fn: function not found")
            try await client.send("HEAD /function/none HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            let head = try await client.readMessage(hasBody: false)
            #expect(head.status == 404)
            #expect(head.field("content-length") == "59")
            #expect(try await client.isAtEnd())
        }
    }

    @Test func stoppedFunctionSaysWhy() async throws {
        try await ProxyFixture.with { proxy in
            try await proxy.publish(.stopped(reason: "the image is missing"))
            let client = try await proxy.connect()
            try await client.send("GET /function/f HTTP/1.1\r\nHost: a\r\n\r\n")
            let answer = try await client.readMessage()
            #expect(answer.status == 503)
            #expect(answer.body == "the image is missing\n")
            #expect(answer.fields("x-openfaas-internal") == ["proxy"])
            #expect(answer.field("x-call-id")?.count == 36)
            #expect(try await proxy.counters().statusCounts == [503: 1])
        }
    }

    @Test func replicaOnUnixSocket() async throws {
        try await ProxyFixture.with { proxy in
            try await Replica.with(path: "/tmp/proxy-test-\(testSeed()).sock") { replica in
                try await proxy.publish(replica)
                let client = try await proxy.connect()
                try await client.send("GET /function/f HTTP/1.1\r\nHost: a\r\n\r\n")
                let upstream = try await replica.accept()
                #expect(try await upstream.readMessage().fields("host") == ["localhost"])
                try await upstream.send("HTTP/1.1 204 No Content\r\n\r\n")
                #expect(try await client.readMessage(hasBody: false).status == 204)
            }
        }
    }
}
