import Foundation
import Glibc
import ServiceLifecycle

/// The mapped pages of the program's code. At its start the runtime and the linker look at most of it; later only a
/// small part is used. What is dropped here is read again from the file when it is called for, most often from memory.
enum CodePages {
    /// Drops all of them.
    static func drop() {
        guard let maps = try? String(contentsOfFile: "/proc/self/maps", encoding: .utf8) else { return }
        for range in executable(maps) {
            guard let start = UnsafeMutableRawPointer(bitPattern: range.lowerBound) else { continue }
            // A kernel that refuses leaves the pages as they are.
            _ = madvise(start, Int(range.count), MADV_DONTNEED)
        }
    }

    /// The mappings of files that are executable. A page of theirs was never written; of those that are merely
    /// read-only some were, by the linker.
    static func executable(_ maps: String) -> [Range<UInt>] {
        maps.split(separator: "\n").compactMap { line in
            let fields = line.split(separator: " ", maxSplits: 5, omittingEmptySubsequences: true)
            guard fields.count == 6, fields[1] == "r-xp", fields[5].drop(while: { $0 == " " }).hasPrefix("/")
            else { return nil }
            let ends = fields[0].split(separator: "-").compactMap { UInt($0, radix: 16) }
            guard ends.count == 2, ends[0] < ends[1] else { return nil }
            return ends[0]..<ends[1]
        }
    }
}

/// Keeps the daemon small: once its start is over, and from time to time.
struct CodePagesService: Service {
    private static let start = Duration.seconds(5)
    private static let interval = Duration.seconds(600)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var pause = Self.start
            while (try? await Task.sleep(for: pause)) != nil {
                CodePages.drop()
                pause = Self.interval
            }
        }
    }
}
