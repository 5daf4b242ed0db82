/// Content types by the end of a file's name.
enum MediaTypes {
    private static let types: [(ending: StaticString, type: StaticString)] = [
        ("html", "text/html; charset=utf-8"), ("htm", "text/html; charset=utf-8"), ("css", "text/css; charset=utf-8"),
        ("js", "text/javascript; charset=utf-8"), ("mjs", "text/javascript; charset=utf-8"),
        ("json", "application/json"), ("map", "application/json"), ("xml", "text/xml; charset=utf-8"),
        ("txt", "text/plain; charset=utf-8"), ("md", "text/markdown; charset=utf-8"),
        ("csv", "text/csv; charset=utf-8"), ("svg", "image/svg+xml"), ("png", "image/png"), ("jpg", "image/jpeg"),
        ("jpeg", "image/jpeg"), ("gif", "image/gif"), ("webp", "image/webp"), ("avif", "image/avif"),
        ("ico", "image/x-icon"), ("pdf", "application/pdf"), ("wasm", "application/wasm"), ("woff", "font/woff"),
        ("woff2", "font/woff2"), ("ttf", "font/ttf"), ("mp3", "audio/mpeg"), ("mp4", "video/mp4"),
        ("webm", "video/webm"), ("zip", "application/zip"), ("gz", "application/gzip"), ("tar", "application/x-tar"),
    ]

    /// - Parameter path: a path or a name.
    static func type(of path: [UInt8]) -> String {
        let name = path.split(separator: .slash).last ?? []
        guard let dot = name.lastIndex(of: 0x2e), dot > name.startIndex else { return unknown }
        let ending = Array(name[(dot + 1)...])
        let found = ending.withUnsafeBytes { ending in types.first { ending.matches($0.ending) } }
        return found?.type.description ?? unknown
    }

    private static let unknown = "application/octet-stream"
}
