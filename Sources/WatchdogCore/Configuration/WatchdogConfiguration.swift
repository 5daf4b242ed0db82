/// Everything a watchdog can be told, read once from its environment and command line. Names and defaults are those of
/// OpenFaaS's of-watchdog, with `cgi_headers` from the classic one.
struct WatchdogConfiguration {
    /// How a request reaches the function.
    enum Mode: String {
        /// A process per request: the body on its stdin, its stdout the answer, sent on as it comes.
        case streaming
    }

    /// `mode`.
    var mode = Mode.streaming
    /// `function_process`, else `fprocess`, split on spaces without any quoting; else the command line, taken as it is.
    /// Never empty.
    var command: [String]
    /// `port`, 8080; 0 lets the kernel choose.
    var port: UInt16 = 8080
    /// `faasd_unix_socket`: a path to listen on besides the port.
    var unixSocket: String?
    /// `read_timeout`, 30 s: from the first byte of a request to its last. Time in which the function does not take its
    /// input is not counted against the client. 0 is without limit.
    var readTimeout: Duration? = .seconds(30)
    /// `write_timeout`, 30 s: from the end of the request's head to the end of the answer. 0 is without limit.
    var writeTimeout: Duration? = .seconds(30)
    /// `exec_timeout`, 30 s as in of-watchdog's code (the classic watchdog has none): how long one process may run.
    /// 0 is without limit.
    var execTimeout: Duration? = .seconds(30)
    /// `healthcheck_interval`: how long SIGTERM leaves the listeners open while health already answers 503. OpenFaaS
    /// pauses for `write_timeout` unless told otherwise, so that a load balancer that polls can look away. Here the
    /// gateway knows before the signal is sent; so there is no pause unless the variable is set.
    var healthcheckInterval: Duration?
    /// `content_type` of answers, `application/octet-stream` as in of-watchdog's streaming mode: a stream has begun
    /// before anyone could look at what it holds.
    var contentType = "application/octet-stream"
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
    /// `PATH`: where the command is looked up.
    var searchPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    /// Values that could not be read, a sentence each.
    private(set) var warnings: [String] = []

    /// - Parameter arguments: the command line without the watchdog's own name.
    init(_ environment: EnvironmentReader, arguments: [String] = []) throws(WatchdogError) {
        var reader = environment
        let process = reader.text("function_process") ?? reader.text("fprocess")
        command = process.map { $0.split(separator: " ").map(String.init) } ?? arguments
        guard let name = command.first, !name.isEmpty else {
            let message = "no function to run: set fprocess, or give a command: fwatchdog COMMAND [ARGUMENT...]"
            throw WatchdogError(.invalidConfiguration, message: message)
        }
        if let name = reader.text("mode") {
            guard let known = Mode(rawValue: name) else {
                let message = "mode \"\(name.prefix(Limits.shownText))\" is not known: use streaming"
                throw WatchdogError(.invalidConfiguration, message: message)
            }
            mode = known
        }
        readNetwork(&reader)
        readCalls(&reader)
        readLogs(&reader)
        warnings = reader.warnings
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
    }

    private mutating func readCalls(_ reader: inout EnvironmentReader) {
        execTimeout = reader.limit("exec_timeout", default: .seconds(30))
        maxInflight = reader.number("max_inflight", in: 0...Int(Int32.max), default: 0)
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
