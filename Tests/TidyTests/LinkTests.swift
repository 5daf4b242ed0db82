import Foundation
import Testing

/// Pages that point to a file of the repository point to one that is there.
struct LinkTests {
    @Test(arguments: Repository.pages()) func everyLinkLeadsSomewhere(page: String) throws {
        let text = try String(contentsOf: Repository.root.appending(path: page), encoding: .utf8)
        let folder = Repository.root.appending(path: page).deletingLastPathComponent()
        for target in Self.targets(text) {
            let path = folder.appending(path: target).standardizedFileURL.path
            #expect(FileManager.default.fileExists(atPath: path), "\(page) points to \(target), which is not there")
        }
    }

    /// The targets of Markdown links that name files, without the place within the file.
    static func targets(_ text: String) -> [String] {
        text.matches(of: /\]\(([^()\s]+)\)/).compactMap { match in
            let target = match.output.1.prefix { $0 != "#" }
            return target.isEmpty || target.contains("://") || target.hasPrefix("mailto:") ? nil : String(target)
        }
    }

    @Test func linksAreSeen() {
        #expect(
            Self.targets("[a](b.md#c), [d](https://e.org/f), [g](#h) and ![i](j/k.png)") == ["b.md", "j/k.png"])
    }
}
