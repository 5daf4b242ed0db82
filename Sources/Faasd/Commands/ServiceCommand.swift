import ArgumentParser
import Containers
import Foundation
import Services

/// `faasd service`
struct ServiceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "service", abstract: "Look after the services beside the functions.",
        discussion: "They are those of DATA-DIR/docker-compose.yaml; see docs/services.md.",
        subcommands: [ListServices.self, ServiceLogs.self, RestartService.self], defaultSubcommand: ListServices.self)
}

/// What the commands of a service have in common.
private struct ServiceFiles {
    let configuration: Configuration
    let services: [ServiceSpec]

    init(_ settings: SettingOptions) throws {
        try Root.require(for: "service")
        configuration = try settings.configuration()
        services = try configuration.composeFile.services()
    }

    var state: ServiceStateFile { ServiceStateFile(runDirectory: configuration.runDirectory) }

    /// - Throws: ``InstallError`` for a name that is not in the file.
    func check(_ name: String) throws {
        guard !services.contains(where: { $0.name == name }) else { return }
        let known = services.isEmpty ? "none" : services.map(\.name).joined(separator: ", ")
        throw InstallError("there is no service \(name); those of \(configuration.composeFile.path) are: \(known)")
    }
}

/// `faasd service list`
struct ListServices: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Show the services and how they are.")

    @Flag(help: "Print JSON.")
    var json = false

    @OptionGroup var settings: SettingOptions

    func run() async throws {
        let files = try ServiceFiles(settings)
        let states = files.state.read()
        if json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            print(String(decoding: try encoder.encode(states?.services ?? []), as: UTF8.self))
            return
        }
        if let problem = states?.problem { print("the file was changed, and cannot be used: \(problem)") }
        guard !files.services.isEmpty else {
            print("there are no services in \(files.configuration.composeFile.path)")
            return
        }
        var rows = [["NAME", "STATE", "ADDRESS", "PORTS", "IMAGE", "REASON"]]
        for service in files.services {
            let state = states?.services.first { $0.name == service.name }
            rows.append([
                service.name, state?.state ?? "unknown", state?.address ?? "-",
                state?.ports.isEmpty == false ? state?.ports.joined(separator: " ") ?? "-" : "-",
                service.image.familiar, state?.reason ?? "the daemon has not looked at it yet",
            ])
        }
        for line in Self.table(rows) { print(line) }
    }

    static func table(_ rows: [[String]]) -> [String] {
        let columns = rows.first?.count ?? 0
        let widths = (0..<columns).map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            var line = ""
            for (column, text) in row.enumerated() {
                line += text + String(repeating: " ", count: widths[column] - text.count + 2)
            }
            while line.last == " " { line.removeLast() }
            return line
        }
    }
}

/// `faasd service logs`
struct ServiceLogs: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "logs", abstract: "Show what a service has written.")

    @Argument(help: "The service.")
    var name: String

    @Option(help: "How many lines from the end.")
    var tail = 100

    @Flag(help: "Go on with new lines as they come.")
    var follow = false

    @OptionGroup var settings: SettingOptions

    func run() async throws {
        let files = try ServiceFiles(settings)
        try files.check(name)
        let reader = LogReader(directory: files.configuration.dataDirectory + "/logs")
        let query = LogQuery(
            namespace: files.configuration.servicesNamespace, name: name, tail: tail, follow: follow)
        for await entry in try reader.entries(query) {
            print("\(entry.line.time) \(entry.line.text)")
            fflush(nil)
        }
    }
}

/// `faasd service restart`
struct RestartService: AsyncParsableCommand {
    private static let patience = Duration.seconds(120)

    static let configuration = CommandConfiguration(
        commandName: "restart", abstract: "Make a service's container anew and start it.")

    @Argument(help: "The service.")
    var name: String

    @OptionGroup var settings: SettingOptions

    func run() async throws {
        let files = try ServiceFiles(settings)
        try files.check(name)
        let before = state(files)?.container
        try files.state.requestRestart(name)
        let deadline = ContinuousClock.now + Self.patience
        while ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(200))
            guard let now = state(files), now.state == "running", now.container != before else { continue }
            print("\(name) runs: \(now.address ?? "")")
            return
        }
        let why = files.state.isRequested(name) ? "the daemon does not run" : state(files)?.reason ?? ""
        throw InstallError("\(name) does not run after \(Self.patience): \(why)")
    }

    private func state(_ files: ServiceFiles) -> ServiceState? {
        files.state.read()?.services.first { $0.name == name }
    }
}
