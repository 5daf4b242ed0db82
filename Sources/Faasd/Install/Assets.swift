import CAssets

/// The files that are embedded in the executable, so that `install` needs nothing beside it.
enum Assets {
    /// The bytes of a file by its name; `nil` when there is none.
    static func bytes(of name: String) -> [UInt8]? {
        var count = 0
        let all = faasd_assets(&count)
        for asset in UnsafeBufferPointer(start: all, count: count) where String(cString: asset.name) == name {
            return Array(UnsafeBufferPointer(start: asset.bytes, count: asset.count))
        }
        return nil
    }

    /// The commit that was built.
    static var commit: String { String(cString: faasd_commit()) }
}
