import CConsole
import NIOCore

/// A file of the folder `console`, as it is served.
struct ConsoleFile: Sendable {
    let bytes: ByteBuffer
    let contentType: String
    /// Changes with the bytes.
    let tag: String

    /// All files by their names, such as `main.js`.
    static let all: [String: ConsoleFile] = {
        var count = 0
        let first = faasd_console_files(&count)
        var files: [String: ConsoleFile] = [:]
        for asset in UnsafeBufferPointer(start: first, count: count) {
            let name = String(cString: asset.name)
            guard let type = contentType(of: name) else { continue }
            let bytes = UnsafeBufferPointer(start: asset.bytes, count: asset.count)
            files[name] = ConsoleFile(
                bytes: ByteBuffer(bytes: bytes), contentType: type, tag: "\"\(Checksum.text(bytes))\"")
        }
        return files
    }()

    private static func contentType(of name: String) -> String? {
        switch name.split(separator: ".").last {
        case "html": "text/html; charset=utf-8"
        case "css": "text/css; charset=utf-8"
        case "js": "text/javascript; charset=utf-8"
        case "svg": "image/svg+xml"
        default: nil
        }
    }
}
