import Foundation
import TestSupport
import Testing

/// The pages of docs/cli: what stands behind `$` is run, and what stands below it is what is printed.
@Suite(.serialized) struct DocumentationTests {
    @Test(arguments: [
        "python.md", "node.md", "templates.md", "stack-file.md", "secrets.md", "edit-loop.md", "registries.md",
    ])
    func commandsDoWhatIsWritten(page: String) async throws {
        let commands = Self.commands(try String(contentsOf: Self.folder.appendingPathComponent(page), encoding: .utf8))
        #expect(commands.count > 3)
        try await Daemon.with { daemon in
            try await daemon.importImage("busybox")
            let user = try CommandLineUser(daemon)
            try await user.logIn()
            try await Self.giveBaseImage(to: user, for: page)
            // What a test has has a port of its own.
            let address = String(daemon.curl.base.dropFirst("http://".count))
            let port = address.split(separator: ":").last ?? ""
            var names = ["127.0.0.1:8080": address, "gateway:8080": "gateway:\(port)"]
            guard page == "registries.md" else { return try await Self.run(commands, of: page, user, names) }
            try await LoopbackRegistry.with(in: user.directory, asksForPassword: true) { registry in
                names["127.0.0.1:5000"] = registry.address
                try await Self.run(commands, of: page, user, names)
            }
        }
    }

    /// - Parameter names: addresses of a page, and what stands for them here.
    private static func run(
        _ commands: [Command], of page: String, _ user: CommandLineUser, _ names: [String: String]
    ) async throws {
        for command in commands {
            // What is printed late, such as a line of a log, may not be there at once.
            try await eventually("\(page): \(command.text) prints what is written") {
                let text = names.reduce(command.text) { $0.replacing($1.key, with: $1.value) }
                let outcome = try await user.shell(text)
                let output = names.reduce(outcome.output) { $0.replacing($1.value, with: $1.key) }
                if command.holds(for: output), outcome.code == 0 { return true }
                guard command.text.contains(" logs ") else {
                    throw TestFailure(
                        "\(page): \(command.text): status \(outcome.code), printed:\n\(output)\n\(outcome.error)")
                }
                return false
            }
        }
    }

    /// What the builds of a page start from, by the name that the registry has for it.
    private static func giveBaseImage(to user: CommandLineUser, for page: String) async throws {
        switch page {
        case "python.md": try await user.importImage("python3", as: "docker.io/library/python:3-slim")
        case "node.md": try await user.importImage("node", as: "docker.io/library/node:lts-slim")
        case "templates.md", "edit-loop.md", "registries.md":
            try await user.importImage("busybox", as: "docker.io/library/bash:5")
        default: break
        }
    }

    private static var folder: URL {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("docs/cli")
    }

    /// A command of a page.
    struct Command {
        var text: String
        /// The lines below it; `...` stands for any text, also in a line.
        var expected: [String] = []

        func holds(for output: String) -> Bool {
            var lines = output.split(separator: "\n", omittingEmptySubsequences: false)[...]
            if lines.last == "" { lines = lines.dropLast() }
            return Self.match(expected[...], lines)
        }

        private static func match(_ expected: ArraySlice<String>, _ lines: ArraySlice<Substring>) -> Bool {
            guard let first = expected.first else { return lines.isEmpty }
            let rest = expected.dropFirst()
            if first == "..." {
                return (lines.startIndex...lines.endIndex).contains { match(rest, lines[$0...]) }
            }
            guard let line = lines.first else { return false }
            let holds =
                if first.hasPrefix("...") {
                    line.hasSuffix(first.dropFirst(3))
                } else if first.hasSuffix("...") {
                    line.hasPrefix(first.dropLast(3))
                } else {
                    line == first
                }
            return holds && match(rest, lines.dropFirst())
        }
    }

    /// The commands of a page's `console` blocks; lines that begin with `>` belong to the command above them.
    static func commands(_ page: String) -> [Command] {
        var commands: [Command] = []
        var isInside = false
        for line in page.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("```") {
                isInside = line == "```console"
            } else if isInside, line.hasPrefix("$ ") {
                commands.append(Command(text: String(line.dropFirst(2))))
            } else if isInside, !commands.isEmpty {
                let last = commands.count - 1
                if line.hasPrefix(">"), commands[last].expected.isEmpty {
                    commands[last].text += "\n" + line.dropFirst(line.hasPrefix("> ") ? 2 : 1)
                } else {
                    commands[last].expected.append(String(line))
                }
            }
        }
        return commands
    }

    @Test func pagesAreReadAndCompared() {
        let commands = Self.commands("```console\n$ a <<E\n> b\n>\n> E\nc\n$ d\n```\n$ no\n```\n$ no\n```\n")
        #expect(commands.map(\.text) == ["a <<E\nb\n\nE", "d"] && commands[0].expected == ["c"])
        let command = Command(text: "", expected: ["...", "a", "b...", "...c", "..."])
        #expect(command.holds(for: "x\na\nbx\nxc\ny\n") && command.holds(for: "a\nb\nc\n"))
        #expect(!command.holds(for: "a\nx\nc\n") && !Command(text: "").holds(for: "x\n"))
    }
}
