import Glibc
import Testing

@testable import WatchdogCore

@Suite struct StaticValuesTests {
    @Test func followsNoLinkWhereTheKernelCannotHelp() throws {
        let folder = try TemporaryFolder()
        let script = "cd \(folder.path) && mkdir -p a/b && echo x > a/b/file && ln -s a link && ln -s /etc/passwd out"
        #expect(try Programs.run(["sh", "-c", script]).status == 0)
        let files = try StaticFiles(path: folder.path)
        func open(_ path: String) -> Int32 {
            let descriptor = files.openWithoutLinks(Array(path.utf8).split(separator: .slash))
            let number = errno
            if descriptor >= 0 { close(descriptor) }
            return descriptor >= 0 ? 0 : number
        }
        #expect(open("") == 0)
        #expect(open("a/b/file") == 0)
        #expect(open("out") == ELOOP)
        // Opened as a directory would be, a link is none.
        #expect([ELOOP, ENOTDIR].contains(open("link/b/file")))
        #expect(open("a/file") == ENOENT)
        #expect(open("a/b/file/x") == ENOTDIR)
        #expect(try Programs.run(["rm", "-rf", "\(folder.path)/a"]).status == 0)
    }

    @Test func knowsMediaTypes() {
        for (path, type) in [
            ("/a/index.HTML", "text/html; charset=utf-8"), ("x.tar.gz", "application/gzip"),
            ("/a.b/c", "application/octet-stream"), (".css", "application/octet-stream"),
            ("/x.", "application/octet-stream"), ("", "application/octet-stream"),
        ] {
            #expect(MediaTypes.type(of: Array(path.utf8)) == type, "\(path)")
        }
    }
}
