import Foundation

/// Small text files of the machine, such as those of /proc, which have no length.
enum TextFile {
    /// The whole text; `nil` for a file that is not there or cannot be read.
    static func read(_ path: String) -> String? {
        FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
    }
}
