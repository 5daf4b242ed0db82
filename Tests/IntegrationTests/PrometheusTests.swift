import Foundation
import TestSupport
import Testing

/// A real Prometheus reads the daemon's metrics.
@Suite(.serialized) struct PrometheusTests {
    /// The one value that a query gives; `nil` when it gives none or several.
    private func value(of query: String, at prometheus: Curl) async throws -> Double? {
        struct Answer: Decodable {
            struct Content: Decodable { let result: [Series] }
            struct Series: Decodable { let value: [Word] }
            enum Word: Decodable {
                case number(Double)
                case text(String)

                init(from decoder: any Decoder) throws {
                    let value = try decoder.singleValueContainer()
                    if let number = try? value.decode(Double.self) {
                        self = .number(number)
                    } else {
                        self = .text(try value.decode(String.self))
                    }
                }
            }
            let data: Content
        }
        let answer = try await prometheus(
            "GET", "/api/v1/query", options: ["--get", "--data-urlencode", "query=\(query)"])
        guard answer.status == 200 else { return nil }
        let series = try JSONDecoder().decode(Answer.self, from: Data(answer.body.utf8)).data.result
        guard series.count == 1, case .text(let text)? = series[0].value.last else { return nil }
        return Double(text)
    }

    private func configuration(_ daemon: Daemon) -> String {
        """
        global:
          scrape_interval: 1s
        scrape_configs:
          - job_name: open
            static_configs: [{targets: ["127.0.0.1:\(daemon.metricsPort)"]}]
          - job_name: password
            basic_auth: {username: admin, password_file: "\(daemon.directory)/data/secrets/basic-auth-password"}
            static_configs: [{targets: ["\(daemon.curl.base.dropFirst("http://".count))"]}]
        """
    }

    @Test func whatWasCalledIsCounted() async throws {
        try await Daemon.with { daemon in
            try await daemon.importImage("busybox")
            let function =
                #"{"service":"f","image":"docker.io/faasd/busybox:latest","envProcess":"cat"}"#
            #expect(try await daemon.admin()("POST", "/system/functions", body: function).status == 202)
            for _ in 1...5 { #expect(try await daemon.curl("POST", "/function/f", body: "hi").status == 200) }
            #expect(try await daemon.curl("GET", "/function/unknown").status == 404)
            let open = Curl(base: "http://127.0.0.1:\(daemon.metricsPort)")
            #expect(try await open("GET", "/healthz").status == 200)
            #expect(try await open("GET", "/system/functions").status == 404)
            #expect(try await open("GET", "/function/f").status == 404)
            #expect(try await daemon.curl("GET", "/metrics").status == 401)
            try await promtoolIsContent(with: try await open("GET", "/metrics").body, daemon)
            try await prometheusSees(daemon)
        }
    }

    private func promtoolIsContent(with page: String, _ daemon: Daemon) async throws {
        let outcome = try await Shell.run(
            daemon.environment.prometheus + "/promtool", ["check", "metrics"], input: page)
        // OpenFaaS's own names, which its dashboards ask for, are not what Prometheus recommends.
        let known = [
            "gateway_function_invocation_started counter metrics should have \"_total\" suffix",
            "gateway_service_count non-histogram and non-summary metrics should not have \"_count\" suffix",
            "gateway_service_ready_count non-histogram and non-summary metrics should not have \"_count\" suffix",
        ]
        #expect(outcome.error.split(separator: "\n").map(String.init) == known && outcome.output.isEmpty)
    }

    private func prometheusSees(_ daemon: Daemon) async throws {
        let file = daemon.directory + "/prometheus.yml"
        try configuration(daemon).write(toFile: file, atomically: true, encoding: .utf8)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: daemon.environment.prometheus + "/prometheus")
        process.arguments = [
            "--config.file", file, "--storage.tsdb.path", daemon.directory + "/prometheus", "--log.level", "error",
            "--web.listen-address", "127.0.0.1:\(daemon.sparePort)",
        ]
        try process.run()
        defer {
            process.terminate()
            process.waitUntilExit()
        }
        let prometheus = Curl(base: "http://127.0.0.1:\(daemon.sparePort)")
        func eventuallyIs(_ query: String, _ expected: Double) async throws {
            try await eventually("\(query) is \(expected)", within: .seconds(30)) {
                try await value(of: query, at: prometheus) == expected
            }
        }
        for job in ["open", "password"] {
            try await eventuallyIs("up{job=\"\(job)\"}", 1)
            let labels = #"{function_name="f.openfaas-fn",job="\#(job)"}"#
            try await eventuallyIs("gateway_function_invocation_total" + labels, 5)
            try await eventuallyIs("gateway_functions_seconds_count" + labels, 5)
            try await eventuallyIs("gateway_function_invocation_started" + labels, 5)
            try await eventuallyIs("gateway_service_count" + labels, 1)
        }
        let used = #"{function_name="f",job="open"}"#
        #expect(try await value(of: "sum(pod_cpu_usage_seconds_total\(used)) > bool 0", at: prometheus) == 1)
        #expect(try await value(of: "sum(pod_memory_working_set_bytes\(used)) > bool 100000", at: prometheus) == 1)
        #expect(try await value(of: #"process_open_fds{job="open"} > bool 10"#, at: prometheus) == 1)
        #expect(try await value(of: #"count(faasd_build_info{job="open"})"#, at: prometheus) == 1)
    }
}
