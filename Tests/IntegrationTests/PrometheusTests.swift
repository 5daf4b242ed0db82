import Foundation
import TestSupport
import Testing

/// A real Prometheus reads the daemon's metrics.
@Suite(.serialized) struct PrometheusTests {
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
        let monitoring = Monitoring(daemon: daemon)
        try await monitoring.withPrometheus { try await seen(monitoring) }
    }

    private func seen(_ monitoring: Monitoring) async throws {
        func eventuallyIs(_ query: String, _ expected: Double) async throws {
            try await eventually("\(query) is \(expected)", within: .seconds(30)) {
                try await monitoring.value(of: query) == expected
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
        #expect(try await monitoring.value(of: "sum(pod_cpu_usage_seconds_total\(used)) > bool 0") == 1)
        #expect(try await monitoring.value(of: "sum(pod_memory_working_set_bytes\(used)) > bool 100000") == 1)
        #expect(try await monitoring.value(of: #"process_open_fds{job="open"} > bool 10"#) == 1)
        let room = #"faasd_data_available_bytes{job="open"} < bool faasd_data_size_bytes{job="open"}"#
        #expect(try await monitoring.value(of: room) == 1)
        #expect(try await monitoring.value(of: #"faasd_replica_oom_kills_total{job="open"}"#) == 0)
        #expect(try await monitoring.value(of: #"faasd_function_failures{job="open"}"#) == 0)
        #expect(try await monitoring.value(of: #"count(faasd_build_info{job="open"})"#) == 1)
    }
}
