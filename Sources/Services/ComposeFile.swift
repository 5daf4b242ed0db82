import Foundation

/// The file that says which services there should be.
public struct ComposeFile: Sendable {
    /// The longest file, in bytes.
    private static let maximumBytes = 1 << 20

    /// Where it is.
    public let path: String
    /// The folder that relative paths in it begin at.
    let folder: String

    /// Makes a value. Nothing is read.
    public init(path: String) {
        self.path = path
        folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    }

    /// Reads the file.
    ///
    /// - Returns: the services in the order of their start; none when there is no file.
    /// - Throws: ``ServicesError`` that lists what is wrong, each with its line.
    public func services() throws -> [ServiceSpec] {
        guard let text = try text() else { return [] }
        return try ComposeReader(path: path, folder: folder).read(text)
    }

    /// The file's text; nil when there is none.
    func text() throws -> String? {
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        guard let data = FileManager.default.contents(atPath: path), data.count <= Self.maximumBytes else {
            throw ServicesError("\(path) cannot be read, or is longer than \(Self.maximumBytes) bytes")
        }
        guard let text = String(data: data, encoding: .utf8) else { throw ServicesError("\(path) is not UTF-8") }
        return text
    }
}
