import Foundation
import Testing

/// The console's files: what must not be in them, and how much they are.
struct ConsoleTests {
    private static let folder = Repository.root.appendingPathComponent("console")

    private func files() throws -> [String: String] {
        let names = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path)
        return Dictionary(
            uniqueKeysWithValues: try names.map {
                ($0, try String(contentsOf: Self.folder.appendingPathComponent($0), encoding: .utf8))
            })
    }

    /// A way from a string to markup or code is a way in for whoever chose the string.
    @Test func textNeverBecomesMarkupOrCode() throws {
        let ways = [
            "innerHTML", "outerHTML", "insertAdjacentHTML", "setHTML", "createContextualFragment", "DOMParser",
            "document.write", "eval(", "new Function", "srcdoc", "javascript:", "import(", "new Worker", "postMessage",
            "sessionStorage", "document.cookie",
        ]
        for (name, text) in try files() {
            for way in ways { #expect(!text.contains(way), "console/\(name) has \(way)") }
        }
    }

    /// The policy forbids scripts and styles within the page, and everything from elsewhere.
    @Test func nothingIsInlineOrFromElsewhere() throws {
        for (name, text) in try files() {
            let elsewhere = text.replacing("http://www.w3.org/2000/svg", with: "")
            for start in ["http://", "https://", "\"//", "url(", "@import"] {
                #expect(!elsewhere.contains(start), "console/\(name) has \(start)")
            }
            guard name.hasSuffix(".html") else { continue }
            for way in [" style=", "<style", " onclick=", " onload="] {
                #expect(!text.contains(way), "\(name): \(way)")
            }
        }
    }

    @Test func theWholePageIsLight() throws {
        let bytes = try files().filter { !$0.key.hasSuffix(".svg") }.reduce(0) { $0 + $1.value.utf8.count }
        #expect(bytes <= 150_000, "\(bytes) bytes")
    }

    @Test func everyFileIsEmbedded() throws {
        let source = try String(
            contentsOf: Repository.root.appendingPathComponent("Sources/CConsole/console.c"), encoding: .utf8)
        let files = try files()
        #expect(files.count > 10)
        for name in files.keys {
            #expect(source.contains("#embed \"../../console/\(name)\""), "console/\(name) is not embedded")
            #expect(source.contains("{\"\(name)\","), "console/\(name) is not on the list")
        }
    }
}
