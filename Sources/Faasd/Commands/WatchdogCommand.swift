import ArgumentParser
import Foundation

/// `faasd watchdog`: the watchdog that is put into functions, on this machine and without a container.
struct WatchdogCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watchdog", abstract: "Try a function on this machine, without a container.",
        usage: "faasd watchdog [--port <port>] -- <command> ...",
        discussion: """
            Serves http://127.0.0.1:PORT and runs the command for each request, as a function's container would. Modes and \
            limits are the watchdog's variables, such as mode=http: see docs/watchdog.md. Ctrl-C ends it.
            """)

    @Option(help: "The port to serve; the variable `port`, or 8080, without it.")
    var port: UInt16?

    @Argument(help: "The function's command, where the variable `fprocess` does not have it.")
    var command: [String] = []

    func run() throws {
        let program = ProcessInfo.processInfo.environment[Setting.fwatchdog.variable] ?? Executable.beside("fwatchdog")
        if let port { setenv("port", String(port), 1) }
        // In place of this process, so that signals and the terminal are the watchdog's.
        let words = [program, "--"] + command
        let arguments = words.map { strdup($0) } + [nil]
        defer { for word in arguments { free(word) } }
        execv(program, arguments)
        throw InstallError(
            "cannot run \(program): \(String(cString: strerror(errno))); build it with `swift build --product fwatchdog`, "
                + "or name it with \(Setting.fwatchdog.variable)")
    }
}
