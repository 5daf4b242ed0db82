import ArgumentParser
import Containers

/// `faasd collect`: containerd starts it beside each container, to keep what the container writes.
struct CollectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "collect", abstract: "Keep the output of a container (started by containerd).",
        shouldDisplay: false)

    @Argument(help: "What to keep and where, as the daemon wrote it.")
    var options: String

    func run() throws {
        try LogCollector(encodedOptions: options).run()
    }
}
