import Foundation

/// Makes a function out of a template: its folder, and its part of a stack file.
struct NewFunction: Sendable {
    let name: String
    let lang: String
    /// The folder of its code.
    var handler: String
    /// Goes before the image's name.
    var prefix = ""
    var gateway = GatewayAddress.standard
    var memoryLimit: String?
    var cpuLimit: String?
    var memoryRequest: String?
    var cpuRequest: String?

    /// The names that a new function may have (Kubernetes' rule, which `faas-cli` checks).
    static func checkName(_ name: String) throws {
        let holds =
            (1...63).contains(name.utf8.count) && name.first != "-" && name.last != "-"
            && name.utf8.allSatisfy {
                ($0 >= UInt8(ascii: "a") && $0 <= UInt8(ascii: "z"))
                    || ($0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9"))
                    || $0 == UInt8(ascii: "-")
            }
        guard holds else {
            throw CLIError(
                .usage,
                "function name can only contain a-z, 0-9 and dashes, must begin and end with a letter or digit, and have at "
                    + "most 63 of them")
        }
    }

    /// The whole text of a new stack file.
    var stackFile: String {
        """
        version: 1.0
        provider:
          name: openfaas
          gateway: \(YAMLText.scalar(gateway))
        functions:

        """ + function
    }

    /// The function's lines below `functions:`.
    var function: String {
        let image = prefix.isEmpty ? name : prefix + "/" + name
        var text = """
              \(name):
                lang: \(YAMLText.scalar(lang))
                handler: \(YAMLText.scalar("./" + handler))
                image: \(YAMLText.scalar(image + ":latest"))

            """
        for (title, memory, cpu) in [("limits", memoryLimit, cpuLimit), ("requests", memoryRequest, cpuRequest)] {
            guard memory != nil || cpu != nil else { continue }
            text += "    \(title):\n"
            if let memory { text += "      memory: \(YAMLText.scalar(memory))\n" }
            if let cpu { text += "      cpu: \(YAMLText.scalar(cpu))\n" }
        }
        return text
    }

    /// Adds the function at the end of a stack file's text.
    ///
    /// - Throws: ``CLIError`` when the file does not end with its functions, so that they cannot be added to.
    func appended(to text: String, path: String) throws -> String {
        let (file, _) = try StackReader.read(text, path: path)
        guard !file.functions.contains(where: { $0.name == name }) else {
            throw CLIError(.stack, "function \(name) already exists in \(path) file")
        }
        var result = text
        if !result.hasSuffix("\n") { result += "\n" }
        result += function
        guard let after = try? StackReader.read(result, path: path).file,
            after.functions.count == file.functions.count + 1
        else {
            throw CLIError(
                .stack,
                "\(path) cannot be added to: let its last part be functions:, with two spaces before each name, or add this "
                    + "to it yourself:\n\(function)")
        }
        return result
    }
}
