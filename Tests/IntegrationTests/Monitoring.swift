import Foundation
import TestSupport
import Testing

/// The files of deploy/, and a real Prometheus that reads a daemon as they say.
struct Monitoring {
    static let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "deploy")

    let daemon: Daemon

    /// Prometheus, once it runs.
    var prometheus: Curl { Curl(base: "http://127.0.0.1:\(daemon.sparePort)") }

    /// Writes the files as they are, but for addresses, paths, and times that a test can wait for.
    func writeFiles() throws {
        let changes = [
            ("127.0.0.1:9093", "127.0.0.1:\(daemon.secondSparePort)"),
            ("127.0.0.1:8082", "127.0.0.1:\(daemon.metricsPort)"),
            ("127.0.0.1:9090", "127.0.0.1:\(daemon.sparePort)"),
            ("http://127.0.0.1:8080", daemon.curl.base),
            ("/etc/prometheus/faasd-password", daemon.directory + "/data/secrets/basic-auth-password"),
            ("[20s]", "[5s]"), (": 5s", ": 1s"), (": 10s", ": 1s"), (": 30s", ": 2s"),
        ]
        for name in ["prometheus.yml", "alert.rules.yml", "alertmanager.yml"] {
            var text = try String(contentsOf: Self.folder.appending(path: name), encoding: .utf8)
            for (from, to) in changes { text = text.replacing(from, with: to) }
            try text.write(toFile: "\(daemon.directory)/\(name)", atomically: true, encoding: .utf8)
        }
    }

    /// Runs a body while Prometheus reads the daemon.
    ///
    /// - Parameter configuration: the file in the daemon's directory that Prometheus goes by.
    func withPrometheus(
        configuration: String = "prometheus.yml", _ body: () async throws -> Void
    ) async throws {
        let process = try Self.start(
            daemon.environment.prometheus + "/prometheus",
            [
                "--config.file", "\(daemon.directory)/\(configuration)", "--log.level", "error",
                "--storage.tsdb.path", daemon.directory + "/prometheus",
                "--web.listen-address", "127.0.0.1:\(daemon.sparePort)",
            ])
        defer {
            process.terminate()
            process.waitUntilExit()
        }
        try await body()
    }

    /// Starts a program that ends when the test terminates it.
    static func start(_ program: String, _ arguments: [String]) throws -> Process {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.standardError = FileHandle.nullDevice
        try process.run()
        return process
    }

    /// The values that a query gives now, one for each series.
    ///
    /// - Returns: nothing while Prometheus does not answer.
    /// - Throws: a `TestFailure` when Prometheus does not understand the query.
    func values(of query: String) async throws -> [Double] {
        let answer = try await prometheus(
            "GET", "/api/v1/query", options: ["--get", "--data-urlencode", "query=\(query)"])
        guard answer.status != 400 else { throw TestFailure("\(query): \(answer.body)") }
        guard answer.status == 200,
            let object = try JSONSerialization.jsonObject(with: Data(answer.body.utf8)) as? [String: Any],
            let data = object["data"] as? [String: Any], let series = data["result"] as? [[String: Any]]
        else { return [] }
        return series.compactMap { ($0["value"] as? [Any])?.last as? String }.compactMap { Double($0) }
    }

    /// The one value that a query gives; `nil` when it gives none or several.
    func value(of query: String) async throws -> Double? {
        let values = try await values(of: query)
        return values.count == 1 ? values[0] : nil
    }
}
