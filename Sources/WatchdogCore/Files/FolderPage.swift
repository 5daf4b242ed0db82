import Glibc

/// The page that lists a folder.
enum FolderPage {
    /// - Parameter folder: closed here.
    static func html(_ folder: Int32) -> String {
        var page = "<!doctype html>\n<meta name=\"viewport\" content=\"width=device-width\">\n<pre>\n"
        for name in names(folder) {
            page += "<a href=\"./\(address(name))\">\(escaped(String(decoding: name, as: UTF8.self)))</a>\n"
        }
        return page + "</pre>\n"
    }

    /// Names in order, those of folders with a slash; hidden files are not listed.
    private static func names(_ folder: Int32) -> [[UInt8]] {
        guard let directory = fdopendir(folder) else {
            close(folder)
            return []
        }
        defer { closedir(directory) }
        var names: [[UInt8]] = []
        while names.count < Limits.listedFiles, let entry = readdir(directory) {
            var name = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
            guard name.first != 0x2e else { continue }
            if entry.pointee.d_type == UInt8(DT_DIR) { name.append(.slash) }
            names.append(name)
        }
        return names.sorted { $0.lexicographicallyPrecedes($1) }
    }

    private static func address(_ name: [UInt8]) -> String {
        var address = ""
        for byte in name {
            if byte.isLetter || byte.isDigit || [0x2d, 0x2e, 0x5f, 0x7e, .slash].contains(byte) {
                address.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                address += "%" + String(UInt16(byte) + 0x100, radix: 16, uppercase: true).dropFirst()
            }
        }
        return address
    }

    private static func escaped(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&#34;"
            case "'": escaped += "&#39;"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
