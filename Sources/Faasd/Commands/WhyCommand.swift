import ArgumentParser
import CLI
import Foundation
import OpenFaaSAPI

/// `faasd why`
struct WhyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "why", abstract: "Say why a function is not ready, or that it is, and what to do.",
        discussion: "The exit code is 0 when calls are answered, and 1 when not.")

    @Argument(help: "The function, as NAME or NAME.NAMESPACE.")
    var function: String

    @Flag(help: "Print the answer as JSON.")
    var json = false

    @OptionGroup var settings: SettingOptions

    func run() async throws {
        let name: FunctionName
        do {
            name = try FunctionName(qualified: function)
        } catch {
            throw ValidationError("\(error)")
        }
        let answer = try await DaemonGateway(configuration: try settings.configuration()).with { gateway in
            try await gateway.call(
                "GET",
                "/system/function/\(LocalGateway.escaped(name.name))/why"
                    + "?namespace=\(LocalGateway.escaped(name.namespace))")
        }
        guard answer.status == 200 else {
            print(answer.text)
            throw ExitCode(1)
        }
        let explanation = try JSONDecoder().decode(FunctionExplanation.self, from: Data(answer.body))
        print(json ? answer.text : Self.text(explanation))
        if !explanation.ready { throw ExitCode(1) }
    }

    /// The explanation for a terminal.
    static func text(_ explanation: FunctionExplanation) -> String {
        let name = "\(explanation.name).\(explanation.namespace)"
        var lines = [
            "\(name) is \(explanation.ready ? "ready" : "not ready") (\(explanation.state)): \(explanation.reason)"
        ]
        lines += section("What to do", explanation.advice)
        lines += section("What happened", explanation.events.map { "\($0.time)  \($0.text)" })
        lines += section("What it wrote last", explanation.lines.map { "\($0.timestamp)  \($0.text)" })
        return lines.joined(separator: "\n")
    }

    /// What a function wrote must not move the terminal's cursor.
    private static func section(_ title: String, _ lines: [String]) -> [String] {
        guard !lines.isEmpty else { return [] }
        return ["", "\(title):"]
            + lines.map { line in
                "  "
                    + String(
                        String.UnicodeScalarView(
                            line.unicodeScalars.filter { $0.properties.generalCategory != .control }))
            }
    }
}
