import Foundation
import TestSupport
import Testing

/// What operators set for calls, and what functions say themselves.
@Suite(.serialized) struct CallLimitTests {
    private func deploy(_ daemon: Daemon, _ name: String, _ fields: String) async throws {
        let body = #"{"service":"\#(name)","image":"docker.io/faasd/busybox:latest",\#(fields)}"#
        #expect(try await daemon.admin()("POST", "/system/functions", body: body).status == 202)
    }

    @Test func aSlowFunctionIsEndedByTheLimitThatItNamed() async throws {
        try await Daemon.with(arguments: ["--upstream-timeout", "1s", "--max-body-bytes", "1000"]) { daemon in
            try await daemon.importImage("busybox")
            try await deploy(daemon, "usual", #""envProcess":"sleep 3""#)
            try await deploy(
                daemon, "patient", #""envProcess":"sleep 3","annotations":{"com.openfaas.timeout":"20s"}"#)
            try await deploy(daemon, "watched", #""envProcess":"sleep 30","envVars":{"exec_timeout":"2s"}"#)
            let usual = try await daemon.curl("GET", "/function/usual")
            #expect(usual.status == 504 && usual.headers["x-faasd-limit"] == "upstream-timeout")
            #expect(usual.body.contains("within 1s"))
            #expect(try await daemon.curl("GET", "/function/patient").status == 200)
            // The watchdog's own answer comes first: it knows that it ended the process.
            let watched = try await daemon.curl("GET", "/function/watched")
            #expect(watched.status >= 500 && watched.headers["x-faasd-limit"] == nil)
            let large = try await daemon.curl(
                "POST", "/function/usual", body: String(repeating: "x", count: 1001))
            #expect(large.status == 413 && large.headers["x-faasd-limit"] == "body-bytes")
        }
    }

    @Test func theAccessLogTellsOfEachRequest() async throws {
        let log = NSTemporaryDirectory() + "access-\(UUID().uuidString).log"
        defer { for suffix in ["", ".1"] { try? FileManager.default.removeItem(atPath: log + suffix) } }
        try await Daemon.with(arguments: ["--access-log", log]) { daemon in
            try await daemon.importImage("busybox")
            try await deploy(daemon, "f", #""envProcess":"cat""#)
            let trace = "0af7651916cd43dd8448eb211c80319c"
            _ = try await daemon.curl(
                "POST", "/function/f/path?token=secret", headers: ["traceparent: 00-\(trace)-b7ad6b7169203331-01"],
                body: "hello")
            let line = try await eventualLine(of: log, containing: "/function/f/path")
            #expect(line["function"] as? String == "f.openfaas-fn" && line["status"] as? Int == 200)
            #expect(line["bytes_in"] as? Int == 5 && line["bytes_out"] as? Int == 5)
            #expect(line["trace_id"] as? String == trace && line["path"] as? String == "/function/f/path")
            // Rotation: the old file keeps what it has, the new one gets what follows.
            try FileManager.default.moveItem(atPath: log, toPath: log + ".1")
            await daemon.signal(SIGHUP)
            try await eventually("the log is opened again") { FileManager.default.fileExists(atPath: log) }
            _ = try await daemon.curl("GET", "/healthz")
            _ = try await eventualLine(of: log, containing: "/healthz")
            #expect(try !String(contentsOfFile: log, encoding: .utf8).contains("secret"))
        }
    }

    private func eventualLine(of log: String, containing text: String) async throws -> [String: Any] {
        var found: Substring?
        try await eventually("\(text) is logged") {
            let content = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
            found = content.split(separator: "\n").first { $0.contains(text) }
            return found != nil
        }
        let object = try JSONSerialization.jsonObject(with: Data((found ?? "").utf8))
        return try #require(object as? [String: Any])
    }
}
