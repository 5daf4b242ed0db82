import ArgumentParser
import Logging

/// `faasd doctor`
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Look at everything that faasd needs, and say what is wrong and how to mend it.",
        discussion: "Nothing is changed, and the daemon may be stopped. The exit code is 1 when there is a problem.")

    @Flag(help: "Show only what is not as it should be.")
    var quiet = false

    @OptionGroup var settings: SettingOptions

    func run() async throws {
        let configuration: Configuration
        do {
            configuration = try settings.configuration()
        } catch {
            print(Finding.problem("\(error)", fix: "see docs/configuration.md").line)
            throw ExitCode(1)
        }
        try Root.require(for: "doctor")
        let machine = try MachineParts(configuration, logger: Logger(label: "doctor"))
        let found = await Doctor(configuration: configuration, machine: machine).run()
        for finding in found where !quiet || finding.level != .fine { print(finding.line) }
        let problems = found.count { $0.level == .problem }
        let warnings = found.count { $0.level == .warning }
        print("\(problems) problem\(problems == 1 ? "" : "s"), \(warnings) warning\(warnings == 1 ? "" : "s")")
        if problems > 0 { throw ExitCode(1) }
    }
}
