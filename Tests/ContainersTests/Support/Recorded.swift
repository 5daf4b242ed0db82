import Foundation
import Testing

@testable import Containers

/// Output of a real `ctr`, as it was written.
enum Recorded {
    /// The text of one recording; a test without it fails.
    static func text(_ name: String) throws -> String {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let file = folder.appending(path: "Recorded/containerd-1.6.20/\(name).txt")
        return try String(contentsOf: file, encoding: .utf8)
    }

    /// A failed call with the recorded standard error.
    static func failure(_ name: String) throws -> CommandResult {
        CommandResult(status: .exited(1), error: try text(name))
    }

    /// A successful call with the recorded standard output.
    static func success(_ name: String) throws -> CommandResult {
        CommandResult(status: .exited(0), output: Array(try text(name).utf8))
    }
}
