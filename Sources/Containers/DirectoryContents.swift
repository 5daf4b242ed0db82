import Glibc

/// Folders of plain files.
enum DirectoryContents {
    /// The names in a folder, without `.` and `..`, in no certain order; none when it cannot be read.
    static func names(in directory: String) -> [String] {
        guard let listing = opendir(directory) else { return [] }
        defer { closedir(listing) }
        var names: [String] = []
        while let entry = readdir(listing) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    /// Removes a folder with the plain files in it.
    static func remove(_ directory: String) {
        for name in names(in: directory) { unlink("\(directory)/\(name)") }
        rmdir(directory)
    }
}
