import Foundation
import Testing

/// Habits that the formatter does not hold.
struct StyleTests {
    static let files = ["Sources", "Tests"].flatMap { Repository.swiftFiles(below: $0) }
    static let sources = files.filter { $0.path.hasPrefix("Sources/") }

    @Test func filesAreShort() {
        for file in Self.files { #expect(file.lines.count <= 480, "\(file.path) has \(file.lines.count) lines") }
    }

    @Test func functionsAreShort() {
        for file in Self.sources {
            for (name, length) in Self.functions(file.lines) {
                #expect(length <= 70, "\(file.path): \(name) has \(length) lines")
            }
        }
    }

    /// The words are put together here so that this file does not hold them.
    @Test func nothingIsLeftForLater() {
        let banned = ["TO" + "DO", "FIX" + "ME", "XX" + "X", "fatal" + "Error(\"not implemented"]
        for file in Self.files {
            for (number, line) in file.lines.enumerated() {
                // mkstemp(3) wants six of the letter.
                let line = line.replacing("XXXXXX", with: "")
                for word in banned { #expect(!line.contains(word), "\(file.path):\(number + 1) has \(word)") }
            }
        }
    }

    @Test func uncheckedConcurrencyHasAReason() {
        let marks = ["@unchecked " + "Sendable", "nonisolated(" + "unsafe)"]
        for file in Self.sources {
            for (number, line) in file.lines.enumerated() where marks.contains(where: line.contains) {
                let above = file.lines[max(0, number - 6)..<number]
                #expect(
                    above.contains { $0.trimmingCharacters(in: .whitespaces).hasPrefix("//") } || line.contains("//"),
                    "\(file.path):\(number + 1) gives no reason")
            }
        }
    }

    /// The functions of a file with their number of lines, by the indentation of their closing brace.
    static func functions(_ lines: [Substring]) -> [(name: String, length: Int)] {
        var found: [(String, Int)] = []
        for (start, line) in lines.enumerated() {
            let text = line.trimmingCharacters(in: .whitespaces)
            guard text.contains("func "), !text.hasPrefix("//") else { continue }
            let indentation = line.prefix { $0 == " " }
            let closing = indentation + "}"
            guard let end = lines[start...].dropFirst().firstIndex(where: { $0 == closing }) else { continue }
            found.append((String(text.prefix(60)), end - start + 1))
        }
        return found
    }
}
