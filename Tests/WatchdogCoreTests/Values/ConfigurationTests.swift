import Testing

@testable import WatchdogCore

@Suite struct ConfigurationTests {
    private func read(_ values: [String: String], arguments: [String] = ["cat"]) throws -> WatchdogConfiguration {
        try WatchdogConfiguration(EnvironmentReader(values), arguments: arguments)
    }

    @Test func hasTheDefaultsOfOpenFaaS() throws {
        let configuration = try read([:])
        #expect(configuration.port == 8080)
        #expect(configuration.readTimeout == .seconds(30))
        #expect(configuration.writeTimeout == .seconds(30))
        #expect(configuration.execTimeout == .seconds(30))
        #expect(configuration.healthcheckInterval == nil)
        #expect(configuration.contentType == "application/octet-stream")
        #expect(configuration.cgiHeaders && configuration.prefixLogs && !configuration.suppressLock)
        #expect(configuration.logBufferSize == 65536)
        #expect(configuration.maxInflight == 0)
        #expect(configuration.lockPath == "/tmp/.lock")
        #expect(configuration.warnings.isEmpty)
    }

    @Test func readsEveryVariable() throws {
        let configuration = try read([
            "port": "9000", "faasd_unix_socket": "/run/f.sock", "read_timeout": "5", "write_timeout": "1m",
            "exec_timeout": "0", "healthcheck_interval": "250ms", "content_type": "text/plain", "cgi_headers": "false",
            "prefix_logs": "0", "log_buffer_size": "-1", "max_inflight": "7", "ready_path": "ready",
            "suppress_lock": "true", "TMPDIR": "/scratch", "PATH": "/x", "mode": "streaming",
        ])
        #expect(configuration.port == 9000)
        #expect(configuration.unixSocket == "/run/f.sock")
        #expect(configuration.readTimeout == .seconds(5))
        #expect(configuration.writeTimeout == .seconds(60))
        #expect(configuration.execTimeout == nil)
        #expect(configuration.healthcheckInterval == .milliseconds(250))
        #expect(configuration.contentType == "text/plain")
        #expect(!configuration.cgiHeaders && !configuration.prefixLogs && configuration.suppressLock)
        #expect(configuration.logBufferSize == Limits.logLine)
        #expect(configuration.maxInflight == 7)
        #expect(configuration.readyPath == "/ready")
        #expect(configuration.lockPath == "/scratch/.lock")
        #expect(configuration.searchPath == "/x")
    }

    @Test func readsHowLongToLookOut() throws {
        #expect(try read([:]).busyPoll == .microseconds(50))
        #expect(try read(["busy_poll": "0"]).busyPoll == .zero)
        #expect(try read(["busy_poll": "20us"]).busyPoll == .microseconds(20))
        #expect(try read(["busy_poll": "1m"]).busyPoll == Limits.busyPoll)
        #expect(try read(["busy_poll": "x"]).warnings == ["busy_poll \"x\" is not a duration, using 50us"])
    }

    @Test func readsWhatEachModeNeeds() throws {
        let http = try read([
            "mode": "http", "upstream_url": "http://127.0.0.1:1", "http_upstream_url": "http://127.0.0.1:2",
            "buffer_http": "1", "log_callid": "true", "metrics_port": "none", "combine_output": "true",
        ])
        #expect(http.upstream == UpstreamAddress("http://127.0.0.1:2"))
        #expect(http.buffersRequest && http.logCallID && http.metricsPort == nil && http.combineOutput)
        let files = try read(["mode": "static", "static_path": "/srv"], arguments: [])
        #expect(files.staticPath == "/srv" && files.command == [] && files.metricsPort == 8081)
        #expect(try read(["mode": "worker", "worker_count": "7"]).workerCount == 7)
        #expect(try (1...Limits.workers).contains(read(["mode": "worker", "worker_count": "0"]).workerCount))
        for values in [["jwt_auth": "true"], ["mode": "http"], ["mode": "http", "upstream_url": "x"]] {
            let error = #expect(throws: WatchdogError.self) { try read(values) }
            #expect(error?.code == .invalidConfiguration)
        }
        let ignored = try read(["marshal_request": "true", "write_debug": "true", "debug_headers": "false"])
        #expect(ignored.warnings.count == 2)
        #expect(ignored.warnings.contains("marshal_request \"true\" is not supported, using false"))
    }

    @Test func fallsBackOnJunkAndSaysSo() throws {
        let configuration = try read([
            "port": "http", "read_timeout": "soon", "exec_timeout": "-1s", "healthcheck_interval": "x",
            "content_type": "a\r\nb", "cgi_headers": "yes", "log_buffer_size": "0", "max_inflight": "-1",
        ])
        #expect(configuration.port == 8080)
        #expect(configuration.readTimeout == .seconds(30))
        #expect(configuration.execTimeout == .seconds(30))
        #expect(configuration.healthcheckInterval == nil)
        #expect(configuration.contentType == "application/octet-stream")
        #expect(configuration.cgiHeaders)
        #expect(configuration.logBufferSize == 65536)
        #expect(configuration.maxInflight == 0)
        #expect(configuration.warnings.count == 8)
        #expect(configuration.warnings.contains("cgi_headers \"yes\" is not a boolean, using true"))
    }

    @Test func findsTheCommand() throws {
        #expect(try read([:], arguments: ["a b", "", "c"]).command == ["a b", "", "c"])
        #expect(try read(["fprocess": "wc  -l "]).command == ["wc", "-l"])
        #expect(try read(["fprocess": "a", "function_process": "b"]).command == ["b"])
        #expect(try read(["fprocess": ""]).command == ["cat"])
        for arguments in [[], [""]] {
            let error = #expect(throws: WatchdogError.self) { try read([:], arguments: arguments) }
            #expect(error?.code == .invalidConfiguration)
        }
        #expect(throws: WatchdogError.self) { try read(["fprocess": " "]) }
    }

    @Test func refusesUnknownModes() {
        let error = #expect(throws: WatchdogError.self) { try read(["mode": "afterburn"]) }
        #expect(error?.message == "mode \"afterburn\" is not known: use streaming, serializing, http, static, worker")
    }

    @Test func readsTheCommandLine() {
        #expect(Invocation(arguments: ["fwatchdog", "-version"]) == .version)
        #expect(Invocation(arguments: ["fwatchdog", "-run-healthcheck"]) == .healthcheck)
        #expect(Invocation(arguments: ["fwatchdog", "cat", "-version"]) == .serve(command: ["cat", "-version"]))
        #expect(Invocation(arguments: ["fwatchdog", "--", "-version"]) == .serve(command: ["-version"]))
        #expect(Invocation(arguments: []) == .serve(command: []))
    }
}
