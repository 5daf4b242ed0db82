import Foundation

/// The working tree that the tests were built from.
enum Repository {
    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Every Swift file below a folder, with its path from the root.
    static func swiftFiles(below folder: String) -> [(path: String, lines: [Substring])] {
        let base = root.appendingPathComponent(folder)
        let names = FileManager.default.enumerator(atPath: base.path)?.compactMap { $0 as? String } ?? []
        return names.filter { $0.hasSuffix(".swift") }.sorted().compactMap { name in
            guard let text = try? String(contentsOf: base.appendingPathComponent(name), encoding: .utf8) else {
                return nil
            }
            return (folder + "/" + name, text.split(separator: "\n", omittingEmptySubsequences: false))
        }
    }

    /// Every Markdown page of the root, of docs and of what lies below it, with its path from the root.
    static func pages() -> [String] {
        let names = { (folder: URL) in (try? FileManager.default.subpathsOfDirectory(atPath: folder.path)) ?? [] }
        let top = (try? FileManager.default.contentsOfDirectory(atPath: root.path)) ?? []
        return (top + names(root.appending(path: "docs")).map { "docs/" + $0 }).filter { $0.hasSuffix(".md") }.sorted()
    }

    /// The folders directly below a folder.
    static func folders(below folder: String) -> [String] {
        let base = root.appendingPathComponent(folder)
        let items = try? FileManager.default.contentsOfDirectory(
            at: base, includingPropertiesForKeys: [.isDirectoryKey])
        return (items ?? [])
            .filter { (try? $0.resourceValues(forKeys: [.isDirectoryKey]).isDirectory) == true }
            .map(\.lastPathComponent).sorted()
    }
}
