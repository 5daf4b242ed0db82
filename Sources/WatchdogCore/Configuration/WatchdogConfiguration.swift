import Glibc

/// Everything a watchdog can be told, read once from its environment and command line. Names and defaults are those of
/// OpenFaaS's of-watchdog, with `cgi_headers` from the classic one.
struct WatchdogConfiguration {
    /// How a request reaches the function.
    enum Mode: String, CaseIterable {
        /// A process per request: the body on its stdin, its stdout the answer, sent on as it comes.
        case streaming
        /// The same with the whole body first and the whole answer at the end.
        case serializing
        /// The function is a server of its own, started once: requests go on to `upstream_url`.
        case http
        /// Files of `static_path`; there is no function.
        case staticFiles = "static"
        /// A pool of processes that answer one request after the other: see `WorkerFrames`.
        case worker
    }

    /// `mode`.
    var mode = Mode.streaming
    /// `function_process`, else `fprocess`, split on spaces without any quoting; else the command line, taken as it is.
    /// Empty only in static mode.
    var command: [String]
    /// `http_upstream_url`, else `upstream_url`: where the function listens. Never nil in http mode.
    var upstream: UpstreamAddress?
    /// `http_buffer_req_body`, else `buffer_http`, false: in http mode the function gets a request only when all of its
    /// body is there.
    var buffersRequest = false
    /// `static_path`, /home/app/public.
    var staticPath = "/home/app/public"
    /// `worker_count`: processes of worker mode, by default one for each processor.
    var workerCount = 1
    /// `log_callid`, false: the value of X-Call-Id in the log line of a request.
    var logCallID = false
    /// `port`, 8080; 0 lets the kernel choose.
    var port: UInt16 = 8080
    /// `faasd_unix_socket`: a path to listen on besides the port.
    var unixSocket: String?
    /// `read_timeout`, 30 s: from the first byte of a request to its last. Time in which the function does not take its
    /// input is not counted against the client. 0 is without limit.
    var readTimeout: TimeSpan? = .seconds(30)
    /// `write_timeout`, 30 s: from the end of the request's head to the end of the answer. 0 is without limit.
    var writeTimeout: TimeSpan? = .seconds(30)
    /// `exec_timeout`, 30 s as in of-watchdog's code (the classic watchdog has none): how long one process may run.
    /// 0 is without limit.
    var execTimeout: TimeSpan? = .seconds(30)
    /// `busy_poll`, 50 µs: how long to look out for what comes next before going to sleep; zero is not at all.
    var busyPoll: TimeSpan = .microseconds(50)
    /// `healthcheck_interval`: how long SIGTERM leaves the listeners open while health already answers 503. OpenFaaS
    /// pauses for `write_timeout` unless told otherwise, so that a load balancer that polls can look away. Here the
    /// gateway knows before the signal is sent; so there is no pause unless the variable is set.
    var healthcheckInterval: TimeSpan?
    /// `content_type` of answers, `application/octet-stream` as in of-watchdog's streaming mode: a stream has begun
    /// before anyone could look at what it holds.
    var contentType = "application/octet-stream"
    /// `combine_output`, false: the function's stderr goes into the answer, too, and not to the log. The classic
    /// watchdog's default is true.
    var combineOutput = false
    /// `cgi_headers`, true: `Http_*` variables for the function.
    var cgiHeaders = true
    /// `prefix_logs`, true: date and `stderr: ` before the function's lines.
    var prefixLogs = true
    /// `log_buffer_size`, 65536 bytes: a longer line is logged in pieces. -1 is the largest size there is.
    var logBufferSize = 65536
    /// `max_inflight`, 0: calls at once before 429; 0 is without limit.
    var maxInflight = 0
    /// `ready_path`: the path of the function that `/_/ready` asks.
    var readyPath: String?
    /// `suppress_lock`, false: no lock file.
    var suppressLock = false
    /// `.lock` in `TMPDIR` or `/tmp`.
    var lockPath = "/tmp/.lock"
    /// `TMPDIR` or `/tmp`: for bodies that have to wait, in files without a name.
    var temporaryFolder = "/tmp"
    /// `metrics_port`, 8081 as in OpenFaaS's watchdogs, which do not let it be chosen; `none` is none.
    var metricsPort: UInt16? = 8081
    /// `PATH`: where the command is looked up.
    var searchPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    /// Values that could not be read, a sentence each.
    private(set) var warnings: [String] = []

    /// - Parameter arguments: the command line without the watchdog's own name.
    init(_ environment: EnvironmentReader, arguments: [String] = []) throws(WatchdogError) {
        var reader = environment
        let process = reader.text("function_process") ?? reader.text("fprocess")
        command = process.map { $0.split(separator: " ").map(String.init) } ?? arguments
        mode = try Self.readMode(reader)
        guard mode == .staticFiles || !(command.first ?? "").isEmpty else {
            let message = "no function to run: set fprocess, or give a command: fwatchdog COMMAND [ARGUMENT...]"
            throw WatchdogError(.invalidConfiguration, message: message)
        }
        if mode == .http { upstream = try Self.readUpstream(reader) }
        if reader.flag("jwt_auth", default: false) {
            let message = "jwt_auth is not supported: unset it, and let the gateway authenticate"
            throw WatchdogError(.invalidConfiguration, message: message)
        }
        for name in ["marshal_request", "write_debug", "debug_headers"] where reader.flag(name, default: false) {
            reader.warn(name, "true", "is not supported", using: "false")
        }
        readNetwork(&reader)
        readCalls(&reader)
        readLogs(&reader)
        warnings = reader.warnings
    }

    private static func readMode(_ reader: EnvironmentReader) throws(WatchdogError) -> Mode {
        guard let name = reader.text("mode") else { return .streaming }
        if let mode = Mode(rawValue: name) { return mode }
        let known = Mode.allCases.map(\.rawValue).joined(separator: ", ")
        throw WatchdogError(
            .invalidConfiguration, message: "mode \"\(name.prefix(Limits.shownText))\" is not known: use \(known)")
    }

    private static func readUpstream(_ reader: EnvironmentReader) throws(WatchdogError) -> UpstreamAddress {
        let name = reader.text("http_upstream_url") == nil ? "upstream_url" : "http_upstream_url"
        guard let text = reader.text(name) else {
            let message = "mode http needs upstream_url: say where the function listens"
            throw WatchdogError(.invalidConfiguration, message: message)
        }
        if let address = UpstreamAddress(text) { return address }
        let message =
            "\(name) \"\(text.prefix(Limits.shownText))\" cannot be used: give http://127.0.0.1:PORT or unix:///PATH"
        throw WatchdogError(.invalidConfiguration, message: message)
    }

    private mutating func readNetwork(_ reader: inout EnvironmentReader) {
        port = UInt16(reader.number("port", in: 0...65535, default: 8080))
        unixSocket = reader.text("faasd_unix_socket")
        readTimeout = reader.limit("read_timeout", default: .seconds(30))
        writeTimeout = reader.limit("write_timeout", default: .seconds(30))
        healthcheckInterval = reader.pause("healthcheck_interval")
        if let path = reader.text("ready_path") { readyPath = path.hasPrefix("/") ? path : "/" + path }
        suppressLock = reader.flag("suppress_lock", default: false)
        lockPath = Self.lockPath(reader)
        if let folder = reader.text("TMPDIR") { temporaryFolder = folder }
        if reader.text("metrics_port") == "none" {
            metricsPort = nil
        } else {
            metricsPort = UInt16(reader.number("metrics_port", in: 0...65535, default: 8081))
        }
    }

    private mutating func readCalls(_ reader: inout EnvironmentReader) {
        execTimeout = reader.limit("exec_timeout", default: .seconds(30))
        busyPoll = min(reader.limit("busy_poll", default: busyPoll) ?? .zero, Limits.busyPoll)
        maxInflight = reader.number("max_inflight", in: 0...Int(Int32.max), default: 0)
        combineOutput = reader.flag("combine_output", default: false)
        buffersRequest =
            reader.flag("http_buffer_req_body", default: false) || reader.flag("buffer_http", default: false)
        if let path = reader.text("static_path") { staticPath = path }
        let processors = min(max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))), Limits.workers)
        workerCount = reader.number("worker_count", in: 1...Limits.workers, default: processors)
        cgiHeaders = reader.flag("cgi_headers", default: true)
        if let path = reader.text("PATH") { searchPath = path }
        guard let type = reader.text("content_type") else { return }
        if type.utf8.count <= Limits.contentType, type.utf8.allSatisfy(\.isFieldValue) {
            contentType = type
        } else {
            reader.warn("content_type", type, "is not a header value", using: contentType)
        }
    }

    private mutating func readLogs(_ reader: inout EnvironmentReader) {
        logCallID = reader.flag("log_callid", default: false)
        prefixLogs = reader.flag("prefix_logs", default: true)
        if reader.text("log_buffer_size") == "-1" {
            logBufferSize = Limits.logLine
        } else {
            logBufferSize = reader.number("log_buffer_size", in: 1...Limits.logLine, default: 65536)
        }
    }

    /// Where the lock file is: also asked by `-run-healthcheck`, which needs no function.
    static func lockPath(_ reader: EnvironmentReader) -> String {
        (reader.text("TMPDIR") ?? "/tmp") + "/.lock"
    }
}
