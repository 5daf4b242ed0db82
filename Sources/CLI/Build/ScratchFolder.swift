import Foundation

/// A folder for the time of one step, which nobody else can read.
enum ScratchFolder {
    /// Runs a body with the folder, and removes it however the body ends.
    static func with<Value>(_ body: (String) async throws -> Value) async throws -> Value {
        let directory = NSTemporaryDirectory() + "faas-cli-\(UInt64.random(in: 0 ... .max))"
        try LocalFile.makeDirectory(directory, mode: 0o700)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        return try await body(directory)
    }
}
