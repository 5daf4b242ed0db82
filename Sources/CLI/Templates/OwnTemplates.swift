import CAssets

/// The templates that are part of this program, so that a function can be made without a network.
enum OwnTemplates {
    /// Names under which users know a template of ours: the handler is the same.
    private static let aliases = [
        "node12": "node", "node14": "node", "node16": "node", "node17": "node", "node18": "node", "node20": "node",
        "node22": "node", "python3-debian": "python3", "python3-http-debian": "python3-http",
    ]

    /// One file of a template, by its path inside of it.
    struct File: Sendable {
        let path: String
        let bytes: [UInt8]
    }

    /// The names of the templates, without their other names.
    static var names: [String] {
        var names: Set<String> = []
        forEach { name, _ in names.insert(String(name.prefix { $0 != "/" })) }
        return names.sorted()
    }

    /// The files of a template; none when there is no template of this name.
    static func files(of template: String) -> [File] {
        let prefix = (aliases[template] ?? template) + "/"
        var files: [File] = []
        forEach { name, asset in
            guard name.hasPrefix(prefix) else { return }
            files.append(
                File(
                    path: String(name.dropFirst(prefix.count)),
                    bytes: Array(UnsafeBufferPointer(start: asset.bytes, count: asset.count))))
        }
        return files
    }

    private static func forEach(_ body: (String, faasd_asset) -> Void) {
        var count = 0
        let all = faasd_templates(&count)
        for asset in UnsafeBufferPointer(start: all, count: count) { body(String(cString: asset.name), asset) }
    }
}
