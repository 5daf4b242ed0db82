/// Names and paths out of stack files and templates, which may come from strangers.
enum BuildPath {
    /// Checks that a path stays below the folder it is put in: relative, without `..`.
    ///
    /// - Parameter what: names it in the sentence.
    static func check(_ path: String, what: String) throws {
        guard isBelow(path) else {
            throw CLIError(.stack, "\(what): \"\(path.prefix(200))\" must be a path below this folder, without \"..\"")
        }
    }

    /// Whether a path is relative and has no `..`.
    static func isBelow(_ path: String) -> Bool {
        !path.isEmpty && !path.hasPrefix("/") && !path.split(separator: "/").contains("..") && !path.contains("\0")
    }

    /// Checks the name of a template: a folder in `template/`, with a version behind `@` if it likes.
    static func checkTemplate(_ name: String) throws {
        let allowed = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
                UInt8(ascii: "@"), UInt8(ascii: "+"):
                true
            default: false
            }
        }
        guard allowed, !name.isEmpty, name.utf8.count <= 128, !name.hasPrefix("."), !name.hasPrefix("-") else {
            throw CLIError(
                .usage, "\"\(name.prefix(128))\" is no name of a template: letters, digits, '-', '_', '.' and '@'")
        }
    }
}
