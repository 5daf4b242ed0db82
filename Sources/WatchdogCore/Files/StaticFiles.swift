import CLinux
import Glibc

/// The folder that is served in static mode. Nothing outside of it can be reached: the kernel itself does not let any
/// path or link lead out (`openat2`), and where it cannot, no link is followed at all.
final class StaticFiles {
    enum Found {
        case file(Int32, size: Int, modified: Int)
        case folder(Int32)
        case refused(StatusCode)
    }

    private let root: Int32

    init(path: String) throws(WatchdogError) {
        root = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        if root < 0 {
            throw WatchdogError(.system, message: "cannot serve static_path \(path)", cause: .last)
        }
    }

    /// Opens what a path names.
    /// - Parameter path: decoded, with a slash at its front.
    func open(_ path: [UInt8]) -> Found {
        let names = path.split(separator: .slash).filter { $0 != [0x2e] }
        guard !names.contains([0x2e, 0x2e]), !path.contains(0) else { return .refused(.notFound) }
        var relative = [UInt8](names.joined(separator: [UInt8.slash]))
        if relative.isEmpty { relative = [0x2e] }
        let descriptor = open(relative: relative, names: names)
        guard descriptor >= 0 else { return .refused(errno == EACCES ? .forbidden : .notFound) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return refuse(descriptor) }
        switch status.st_mode & S_IFMT {
        case S_IFREG:
            // "file/" is not the file.
            guard path.last != .slash else { return refuse(descriptor) }
            return .file(descriptor, size: Int(status.st_size), modified: Int(status.st_mtim.tv_sec))
        case S_IFDIR:
            return .folder(descriptor)
        default:
            return refuse(descriptor)
        }
    }

    private func refuse(_ descriptor: Int32) -> Found {
        close(descriptor)
        return .refused(.notFound)
    }

    private func open(relative: [UInt8], names: [ArraySlice<UInt8>]) -> Int32 {
        let descriptor = (relative + [0]).withUnsafeBytes { path in
            linux_open_beneath(root, path.bindMemory(to: CChar.self).baseAddress)
        }
        guard descriptor < 0, errno == ENOSYS || errno == EPERM else { return descriptor }
        return openWithoutLinks(names)
    }

    /// For kernels before 5.6, and where a filter of system calls does not know `openat2`.
    func openWithoutLinks(_ names: [ArraySlice<UInt8>]) -> Int32 {
        var folder = fcntl(root, F_DUPFD_CLOEXEC, 3)
        for name in names {
            guard folder >= 0 else { return -1 }
            let next = (name + [0]).withUnsafeBytes { path in
                path.bindMemory(to: CChar.self).baseAddress.map {
                    openat(folder, $0, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW)
                } ?? -1
            }
            let number = errno
            close(folder)
            errno = number
            folder = next
        }
        return folder
    }
}
