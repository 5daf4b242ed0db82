import Glibc

/// The process that runs as PID 1 of a function's container: it listens on TCP 8080 and runs the function for each
/// request.
public enum Watchdog {
    static let version = "0.1.0"

    /// Runs the watchdog until a signal ends it.
    /// - Parameters:
    ///   - arguments: the command line, with the program's name first, up to a null pointer. `-version` and
    ///     `-run-healthcheck` do what they say; anything else is the function's command, for when no variable
    ///     (`fprocess`, `function_process`) has it.
    ///   - environment: the process's environment block, `NAME=VALUE` strings up to a null pointer. It is referred to
    ///     for as long as the watchdog runs.
    /// - Returns: the exit status: 0 after a drain or a successful check, 1 when the watchdog could not start, was told
    ///   twice to end, or is not healthy.
    public static func run(
        arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?,
        environment: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
    ) -> Int32 {
        let reader = EnvironmentReader(block: environment)
        switch Invocation(arguments: strings(arguments)) {
        case .version:
            say("Version: \(version)", to: STDOUT_FILENO)
            return 0
        case .healthcheck:
            if Healthcheck.run(reader) { return 0 }
            say("unable to find lock file.", to: STDERR_FILENO)
            return 1
        case .serve(let command):
            return serve(reader, command: command, environment: environment)
        }
    }

    private static func serve(
        _ reader: EnvironmentReader, command: [String], environment: ChildEnvironment.Block?
    ) -> Int32 {
        do {
            try Descriptors.tidy()
            let configuration = try WatchdogConfiguration(reader, arguments: command)
            return try Server(configuration, environment: environment).run()
        } catch {
            let reason = (error as? WatchdogError)?.text ?? (error as? SystemError)?.text ?? "\(error)"
            say("fwatchdog: \(reason)", to: STDERR_FILENO)
            return 1
        }
    }

    private static func strings(_ block: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> [String] {
        var strings: [String] = []
        var entry = block
        while let text = entry?.pointee {
            strings.append(String(cString: text))
            entry = entry?.advanced(by: 1)
        }
        return strings
    }

    private static func say(_ text: String, to descriptor: Int32) {
        let line = text + "\n"
        _ = write(descriptor, line, line.utf8.count)
    }
}
