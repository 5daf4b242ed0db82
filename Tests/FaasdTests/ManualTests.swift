import Foundation
import Testing

/// The manual pages, and what the package takes from the repository.
struct ManualTests {
    private static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    private static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    @Test func thePageHasEveryCommand() throws {
        let page = try Self.text("docs/man/faasd.8")
        // A command has the name of its type; this one is for containerd, and hidden.
        let commands = try Self.text("Sources/Faasd/FaasdCommand.swift").matches(of: /(\w+)Command\.self/)
            .map { $0.output.1.lowercased() }.filter { $0 != "collect" }
        #expect(commands.count > 5)
        for name in commands {
            #expect(page.contains(".TP\n.B \(name)\n"), "docs/man/faasd.8 does not have faasd \(name)")
        }
    }

    /// hack/deb changes this line, and adds a file of variables below it.
    @Test func theUnitNamesTheProgramAsThePackageExpects() throws {
        let lines = try Self.text("systemd/faasd.service").split(separator: "\n").filter { $0.hasPrefix("ExecStart=") }
        #expect(lines == ["ExecStart=/usr/local/bin/faasd up"])
    }

    /// What hack/deb.d/pages.py takes for a setting.
    @Test func theTableOfSettingsIsReadByThePackage() throws {
        let rows = try Self.text("docs/configuration.md").split(separator: "\n").filter { $0.hasPrefix("| `") }
        let settings = rows.filter { $0.contains("| `FAASD_") }
        #expect(settings.count == rows.count && settings.count > 40)
        for row in settings { #expect(row.split(separator: "|").count == 4, "\(row)") }
    }
}
