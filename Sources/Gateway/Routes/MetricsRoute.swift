import HTTPTypes
import Hummingbird
import NIOCore
import OpenFaaSAPI
import Provider
import Proxy
import Queue

/// `/metrics`, with the names and labels of OpenFaaS's gateway (docs "metrics").
struct MetricsRoute {
    let provider: any FunctionProvider
    let counters: @Sendable () async -> [FunctionCounters]
    let requests: RequestMeter
    let version: VersionInfo
    let queue: CallQueue?
    let autoscaler: Autoscaler?
    let triggers: TriggerDesk?
    /// What is told of its file system; `nil` for nothing.
    let dataDirectory: String?

    func add(to routes: ControlRoutes) {
        routes.add("/metrics", [.get: metrics, .head: metrics])
    }

    /// For a port of its own, as OpenFaaS's gateway has it on 8082: whoever reaches that port may read.
    func addOpen(to routes: ControlRoutes) {
        routes.addOpen("/metrics", [.get: metrics, .head: metrics])
    }

    @Sendable func metrics(_ request: Request, _ context: ControlContext) async throws -> Response {
        var page = Exposition()
        calls(await counters().sorted { "\($0.name)" < "\($1.name)" }, to: &page)
        await replicas(to: &page)
        await usage(to: &page)
        if let autoscaler { ScalingMetrics(autoscaler: autoscaler).write(to: &page) }
        if let queue { await QueueMetrics(queue: queue).write(to: &page) }
        if let triggers { TriggerMetrics(desk: triggers).write(to: &page) }
        controlPlane(to: &page)
        process(to: &page)
        fileSystem(to: &page)
        return Response(
            status: .ok, headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: page.text)))
    }

    private func calls(_ counters: [FunctionCounters], to page: inout Exposition) {
        page.family("gateway_function_invocation_total", .counter, help: "Function metrics")
        for function in counters {
            for (code, calls) in function.ended.sorted(by: { $0.key < $1.key }) {
                page.series("gateway_function_invocation_total", Self.labels(function, code), Double(calls.count))
            }
        }
        page.family("gateway_functions_seconds", .histogram, help: "Function time taken")
        for function in counters {
            for (code, calls) in function.ended.sorted(by: { $0.key < $1.key }) {
                page.histogram(
                    "gateway_functions_seconds", Self.labels(function, code), bounds: FunctionCounters.bucketBounds,
                    counts: calls.buckets, sum: calls.duration / .seconds(1))
            }
        }
        // The name has no _total, as OpenFaaS has it.
        page.family(
            "gateway_function_invocation_started", .counter,
            help: "The total number of function HTTP requests started.")
        for function in counters {
            page.series(
                "gateway_function_invocation_started", [("function_name", "\(function.name)")],
                Double(function.started))
        }
        page.family(
            "gateway_function_invocation_inflight", .gauge, help: "Function calls that are running or waiting now")
        for function in counters {
            page.series(
                "gateway_function_invocation_inflight", [("function_name", "\(function.name)")],
                Double(function.inFlight))
        }
    }

    private func replicas(to page: inout Exposition) async {
        var functions: [FunctionStatus] = []
        for namespace in (try? await provider.namespaces()) ?? [FunctionName.defaultNamespace] {
            functions += (try? await provider.list(namespace: namespace, usage: false)) ?? []
        }
        let gauges: [(name: String, help: String, value: (FunctionStatus) -> Double)] = [
            ("gateway_service_count", "Replicas that should run", { Double($0.replicas) }),
            ("gateway_service_ready_count", "Replicas that take calls", { Double($0.availableReplicas) }),
            (
                "faasd_function_failures", "Replicas that ended by themselves since one last stayed up",
                { Double($0.failure?.count ?? 0) }
            ),
        ]
        for gauge in gauges {
            page.family(gauge.name, .gauge, help: gauge.help)
            for function in functions {
                let label = ("function_name", "\(function.name).\(function.namespace)")
                page.series(gauge.name, [label], gauge.value(function))
            }
        }
    }

    /// In the words of OpenFaaS's dashboards, where a replica is a pod.
    private func usage(to page: inout Exposition) async {
        let replicas = await provider.replicaUsage().sorted { $0.replica < $1.replica }
        func labels(_ usage: ReplicaUsage) -> [(String, String)] {
            [
                ("function_name", usage.function.name), ("namespace", usage.function.namespace),
                ("pod", usage.replica),
            ]
        }
        page.family(
            "pod_memory_working_set_bytes", .gauge, help: "Memory of a replica, from its control group, in bytes")
        for usage in replicas {
            page.series("pod_memory_working_set_bytes", labels(usage), Double(usage.memoryBytes))
        }
        page.family(
            "pod_cpu_usage_seconds_total", .counter, help: "CPU time of a replica since its start, in seconds")
        for usage in replicas {
            page.series("pod_cpu_usage_seconds_total", labels(usage), usage.cpuSeconds)
        }
        page.family(
            "faasd_replica_memory_limit_bytes", .gauge, help: "The most memory that a replica may use, in bytes")
        for usage in replicas {
            guard let limit = usage.memoryLimitBytes else { continue }
            page.series("faasd_replica_memory_limit_bytes", labels(usage), Double(limit))
        }
        page.family(
            "faasd_replica_oom_kills_total", .counter,
            help: "Processes of a replica that the kernel killed at its memory limit")
        for usage in replicas {
            page.series("faasd_replica_oom_kills_total", labels(usage), Double(usage.outOfMemoryKills))
        }
    }

    private func controlPlane(to page: inout Exposition) {
        let all = requests.all
        func labels(_ key: RequestMeter.Key) -> [(String, String)] {
            [("code", String(key.status)), ("method", key.method), ("path", key.path)]
        }
        page.family("http_requests_total", .counter, help: "Requests of the control plane")
        for (key, series) in all {
            page.series("http_requests_total", labels(key), Double(series.buckets.reduce(0, +)))
        }
        page.family("http_request_duration_seconds", .histogram, help: "Time taken by requests of the control plane")
        for (key, series) in all {
            page.histogram(
                "http_request_duration_seconds", labels(key), bounds: RequestMeter.bounds, counts: series.buckets,
                sum: series.seconds)
        }
    }

    private func process(to page: inout Exposition) {
        page.family("faasd_build_info", .gauge, help: "The version that runs")
        page.series("faasd_build_info", [("version", version.release), ("commit", version.sha)], 1)
        guard let facts = ProcessFacts() else { return }
        let gauges: [(String, Exposition.Kind, String, Double)] = [
            ("process_cpu_seconds_total", .counter, "User and system CPU time in seconds", facts.cpuSeconds),
            ("process_resident_memory_bytes", .gauge, "Resident memory in bytes", facts.residentBytes),
            ("process_virtual_memory_bytes", .gauge, "Virtual memory in bytes", facts.virtualBytes),
            ("process_open_fds", .gauge, "Open file descriptors", facts.openDescriptors),
            ("process_max_fds", .gauge, "The most file descriptors that may be open", facts.maximumDescriptors),
            ("process_start_time_seconds", .gauge, "Start of the process since 1970 in seconds", facts.startSeconds),
        ]
        for (name, kind, help, value) in gauges {
            page.family(name, kind, help: help)
            page.series(name, [], value)
        }
    }

    private func fileSystem(to page: inout Exposition) {
        guard let dataDirectory, let facts = FileSystemFacts(of: dataDirectory) else { return }
        let gauges: [(String, String, Double)] = [
            ("faasd_data_size_bytes", "Size of the file system of the data directory in bytes", facts.sizeBytes),
            ("faasd_data_available_bytes", "Bytes of it that can still be written", facts.availableBytes),
            ("faasd_data_files", "Files that it has room for; 0 where it does not count them", facts.files),
            ("faasd_data_files_free", "Files that can still be made", facts.freeFiles),
        ]
        for (name, help, value) in gauges {
            page.family(name, .gauge, help: help)
            page.series(name, [], value)
        }
    }

    private static func labels(_ function: FunctionCounters, _ code: Int) -> [(String, String)] {
        [("function_name", "\(function.name)"), ("code", String(code))]
    }
}
