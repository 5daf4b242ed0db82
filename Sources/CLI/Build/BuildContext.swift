import Foundation
import Glibc

/// The folder `build/NAME` that an image is made of: the template with the user's code in it.
struct BuildContext: Sendable {
    static let root = "build"

    let surroundings: Surroundings

    /// The folder of a function.
    func path(of name: String) -> String { surroundings.path("\(Self.root)/\(name)") }

    /// Makes the folder anew.
    ///
    /// - Parameters:
    ///   - copies: more paths below the current directory, which come into the folder of the code.
    /// - Throws: ``CLIError`` when something is missing or leads outside.
    func assemble(_ function: StackFunction, copies: [String]) throws {
        let key = "\(function.place): functions.\(function.name)"
        guard FunctionNameRule.holds(function.name) else {
            throw CLIError(.stack, "\(key) \(FunctionNameRule.text)")
        }
        guard !function.handler.isEmpty else { throw CLIError(.stack, "\(key).handler is missing") }
        try BuildPath.check(function.handler, what: "\(key).handler")
        try makeRoot()
        let handler = surroundings.path(function.handler)
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: handler, isDirectory: &isDirectory), isDirectory.boolValue else {
            throw CLIError(.stack, "\(key).handler: the folder \(function.handler) is not here")
        }
        let target = path(of: function.name)
        try FolderCopy.replace(target)
        var copy = FolderCopy()
        guard !function.isDockerfile else {
            try copy.contents(of: handler, to: target, skipping: [Self.root, TemplateFolder.name])
            return try add(copies, to: target, &copy)
        }
        let templates = TemplateFolder(surroundings)
        let description = try templates.description(of: function.lang)
        try copy.contents(of: templates.path(of: function.lang), to: target)
        let code = "\(target)/\(description.handlerFolder)"
        // The sample of the template is no part of anybody's function.
        try FolderCopy.replace(code)
        try LocalFile.makeDirectory(code)
        try copy.contents(of: handler, to: code, skipping: [Self.root, TemplateFolder.name])
        try add(copies, to: code, &copy)
    }

    private func add(_ paths: [String], to folder: String, _ copy: inout FolderCopy) throws {
        for path in paths {
            try BuildPath.check(path, what: "configuration.copy")
            let name = path.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
            guard !name.isEmpty else { continue }
            guard FileManager.default.fileExists(atPath: surroundings.path(path)) else {
                throw CLIError(.stack, "configuration.copy or --copy-extra: \(path) is not here")
            }
            try copy.item(surroundings.path(path), to: folder + "/" + name)
        }
    }

    /// `build` must be a folder of its own, so that nothing elsewhere is removed.
    private func makeRoot() throws {
        let root = surroundings.path(Self.root)
        var status = stat()
        if lstat(root, &status) == 0, status.st_mode & S_IFMT != S_IFDIR {
            throw CLIError(.file, "./\(Self.root) is not a folder: it is where images are put together; move it away")
        }
        try LocalFile.makeDirectory(root)
    }
}
