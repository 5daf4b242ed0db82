import Foundation
import Glibc

/// Copies folders of strangers: files, folders and links that stay inside, and no more than a build needs.
struct FolderCopy {
    private static let maximumEntries = 200_000
    private static let maximumBytes = 4 << 30
    private static let maximumDepth = 100

    private var entries = 0
    private var bytes = 0

    /// Removes what is at a path, and never what a link there points to.
    static func replace(_ path: String) throws {
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        do {
            try FileManager.default.removeItem(atPath: path)
        } catch {
            throw CLIError(.file, "cannot remove \(path)")
        }
    }

    /// Copies all that is in a folder into another one, which is made; files that are there are replaced.
    ///
    /// - Parameter skipping: names directly in the folder that are left out.
    mutating func contents(of source: String, to target: String, skipping: Set<String> = []) throws {
        try folder(source, to: target, root: source, skipping: skipping, depth: 0)
    }

    /// Copies a file or a folder to a path.
    mutating func item(_ source: String, to target: String) throws {
        var status = stat()
        guard stat(source, &status) == 0 else { throw CLIError(.file, "cannot read \(source): \(LocalFile.reason())") }
        if status.st_mode & S_IFMT == S_IFDIR {
            try contents(of: source, to: target)
        } else {
            try LocalFile.makeDirectory((target as NSString).deletingLastPathComponent)
            try file(source, status, to: target)
        }
    }

    private mutating func folder(
        _ source: String, to target: String, root: String, skipping: Set<String>, depth: Int
    ) throws {
        guard depth < Self.maximumDepth else { throw CLIError(.file, "\(source) is too deep inside other folders") }
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: source)
        } catch {
            throw CLIError(.file, "cannot read the folder \(source)")
        }
        try LocalFile.makeDirectory(target)
        for name in names.sorted() where !skipping.contains(name) {
            let from = "\(source)/\(name)", to = "\(target)/\(name)"
            entries += 1
            guard entries <= Self.maximumEntries else {
                throw CLIError(.file, "\(root) has more than \(Self.maximumEntries) files")
            }
            var status = stat()
            guard lstat(from, &status) == 0 else { continue }
            switch status.st_mode & S_IFMT {
            case S_IFDIR: try folder(from, to: to, root: root, skipping: [], depth: depth + 1)
            case S_IFREG: try file(from, status, to: to)
            case S_IFLNK: try link(from, to: to, root: root)
            default: throw CLIError(.file, "\(from) is neither a file nor a folder, and cannot be part of a build")
            }
        }
    }

    private mutating func file(_ source: String, _ status: stat, to target: String) throws {
        bytes += Int(status.st_size)
        guard bytes <= Self.maximumBytes else {
            throw CLIError(.file, "the build has more than \(Self.maximumBytes >> 30) GiB")
        }
        let mode: mode_t = status.st_mode & 0o111 != 0 ? 0o755 : 0o644
        try LocalFile.write(try LocalFile.bytes(source, limit: Self.maximumBytes), to: target, mode: mode)
    }

    /// A link is kept when it leads to something in the same folder.
    private func link(_ source: String, to target: String, root: String) throws {
        guard let destination = try? FileManager.default.destinationOfSymbolicLink(atPath: source) else { return }
        let folder = source.dropFirst(root.count).split(separator: "/").dropLast().count
        guard !destination.hasPrefix("/"), Self.stays(destination, depth: folder) else {
            throw CLIError(.file, "\(source) is a link to \(destination), which is outside of \(root)")
        }
        try Self.replace(target)
        guard symlink(destination, target) == 0 else {
            throw CLIError(.file, "cannot write \(target): \(LocalFile.reason())")
        }
    }

    /// Whether a relative path never goes above the folder that is `depth` folders up.
    ///
    /// `..` may only stand at the beginning: behind the name of another link it would mean something else than it says.
    static func stays(_ path: String, depth: Int) -> Bool {
        let parts = path.split(separator: "/").filter { $0 != "." }
        let ups = parts.prefix { $0 == ".." }.count
        return ups <= depth && !parts.dropFirst(ups).contains("..")
    }
}
