import Foundation
import TestSupport
import Testing

/// What a console asks of the API, asked by a program.
@Suite(.serialized) struct EventsTests {
    private let function = #"{"service":"f","image":"docker.io/faasd/busybox:latest","envProcess":"cat"}"#

    @Test(arguments: Setup.allCases) func changesAndCallsAreToldAsTheyCome(setup: Setup) async throws {
        try await Daemon.with(setup: setup) { daemon in
            try await daemon.importImage("busybox")
            let admin = try daemon.admin()
            #expect(try await admin("POST", "/system/functions", body: function).status == 202)
            let first = try await admin("GET", "/system/overview")
            #expect(first.body.contains(#""state":"running""#), "\(first.body)")
            async let stream = admin("GET", "/system/events?function=f", options: ["-N", "--max-time", "14"])
            try await eventually("calls are counted") {
                _ = try await daemon.curl("POST", "/function/f", body: "x")
                let series = try await admin("GET", "/system/series?function=f")
                let answer = try JSONDecoder().decode(Series.self, from: Data(series.body.utf8))
                return answer.rate.contains { $0 > 0 } && answer.memoryBytes.contains { ($0 ?? 0) > 10_000 }
                    && answer.rate.count == answer.time.count
            }
            #expect(try await admin("POST", "/system/scale-function/f", body: #"{"replicas":2}"#).status == 202)
            try await eventually("two replicas are told of") {
                try await admin("GET", "/system/overview").body.contains(#""availableReplicas":2"#)
            }
            #expect(try await admin("DELETE", "/system/functions", body: #"{"functionName":"f"}"#).status == 202)
            let events = try await stream
            #expect(events.status == 200 && events.headers["content-type"] == "text/event-stream")
            for part in ["event: snapshot\n", "event: samples\n", "event: function\n", "event: gone\n"] {
                #expect(events.body.contains(part), "no \(part) in \(events.body)")
            }
            #expect(events.body.contains(#""f.openfaas-fn":{"calls""#), "\(events.body)")
            #expect(events.body.contains(#""replicas":2"#))
            #expect(try await admin("GET", "/system/overview").body.contains(#""functions":[]"#))
        }
    }

    @Test func aStreamEndsWithTheDaemonAndDoesNotHoldItUp() async throws {
        try await Daemon.with { daemon in
            let admin = try daemon.admin()
            async let stream = admin("GET", "/system/events", options: ["-N"])
            // The stream is open when samples have been taken for it.
            try await eventually("somebody is listened to") {
                let series = try await admin("GET", "/system/series?function=f")
                return try JSONDecoder().decode(Series.self, from: Data(series.body.utf8)).time.count > 1
            }
            try await daemon.end(signal: SIGTERM)
            let events = try await stream
            // Cut after the grace it would have no end of its own.
            #expect(events.body.hasSuffix("event: bye\ndata: {}\n\n"), "\(events.body)")
            #expect(events.curlCode == 0)
        }
    }

    @Test func badQuestionsAreRefused() async throws {
        try await Daemon.with { daemon in
            let admin = try daemon.admin()
            for path in [
                "/system/series", "/system/series?function=", "/system/series?function=..%2f",
                "/system/series?function=f&window=1d", "/system/events?function=a%20b",
            ] {
                #expect(try await admin("GET", path).status == 400, "\(path)")
            }
            #expect(try await admin("GET", "/system/series?function=unknown").status == 200)
            for path in ["/system/overview", "/system/events", "/system/series?function=f"] {
                #expect(try await daemon.curl("GET", path).status == 401, "\(path)")
                #expect(try await admin("GET", path, headers: ["Origin: http://x.example"]).status == 403, "\(path)")
            }
            let login = #"{"user":"admin","password":"wrong"}"#
            // Clients on this machine are not slowed down: a proxy before the port has the address of all of its clients.
            for _ in 1...11 { #expect(try await daemon.curl("POST", "/ui/session", body: login).status == 401) }
            for path in ["/ui/nowhere.js", "/ui/..%2fconsole.css", "/ui/a/b"] {
                #expect([400, 404].contains(try await daemon.curl("GET", path).status), "\(path)")
            }
            let page = try await daemon.curl("GET", "/ui/")
            #expect(page.headers["content-security-policy"]?.hasPrefix("default-src 'none'; script-src 'self'") == true)
            let tag = try #require(page.headers["etag"])
            #expect(try await daemon.curl("GET", "/ui/", headers: ["If-None-Match: \(tag)"]).status == 304)
        }
    }

    private struct Series: Decodable {
        let time: [Int]
        let rate: [Double]
        let memoryBytes: [Double?]
    }
}
