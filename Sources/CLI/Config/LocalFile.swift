import Foundation
import Glibc

/// Files of the user, read within limits and written whole.
enum LocalFile {
    /// All bytes of a file.
    ///
    /// - Throws: ``CLIError`` that names it when it cannot be read, is no file or is longer than `limit` bytes.
    static func bytes(_ path: String, limit: Int) throws -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw CLIError(.file, "cannot read \(path): \(reason())") }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw CLIError(.file, "cannot read \(path): \(reason())") }
        guard status.st_mode & S_IFMT != S_IFDIR else {
            throw CLIError(.file, "cannot read \(path): it is a directory")
        }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = read(descriptor, &piece, piece.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw CLIError(.file, "cannot read \(path): \(reason())") }
            guard count > 0 else { return bytes }
            guard bytes.count + count <= limit else {
                throw CLIError(.file, "\(path) is longer than \(limit) bytes, which is more than is read here")
            }
            bytes += piece[..<count]
        }
    }

    /// A file of text.
    ///
    /// - Throws: ``CLIError``, also when it is not UTF-8.
    static func text(_ path: String, limit: Int) throws -> String {
        guard let text = String(validating: try bytes(path, limit: limit), as: UTF8.self) else {
            throw CLIError(.file, "\(path) is not UTF-8 text")
        }
        return text
    }

    /// Writes beside the file and renames, so that nobody sees half of it and its mode is right from the start.
    static func write(_ bytes: [UInt8], to path: String, mode: mode_t) throws {
        let temporary = path + ".\(getpid()).tmp"
        unlink(temporary)
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode)
        guard descriptor >= 0 else { throw CLIError(.file, "cannot write \(path): \(reason())") }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                let text = reason()
                close(descriptor)
                unlink(temporary)
                throw CLIError(.file, "cannot write \(path): \(text)")
            }
            rest = rest.dropFirst(count)
        }
        fchmod(descriptor, mode)
        close(descriptor)
        guard rename(temporary, path) == 0 else {
            let text = reason()
            unlink(temporary)
            throw CLIError(.file, "cannot write \(path): \(text)")
        }
    }

    /// Makes a directory and those above it; one that is there is fine.
    static func makeDirectory(_ path: String, mode: mode_t = 0o755) throws {
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: NSNumber(value: mode)])
        } catch {
            throw CLIError(.file, "cannot make the directory \(path)")
        }
    }

    /// A folder among the temporary ones that is this user's alone.
    ///
    /// - Throws: ``CLIError`` when somebody else has made it.
    static func ownFolder(_ name: String) throws -> String {
        let path = NSTemporaryDirectory() + name
        mkdir(path, 0o700)
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR, status.st_uid == geteuid(),
            status.st_mode & 0o077 == 0
        else { throw CLIError(.file, "\(path) is not a folder of this user alone") }
        return path
    }

    /// What the last call of the system complained of.
    static func reason() -> String { String(cString: strerror(errno)) }
}
