import NIOCore
import OpenFaaSAPI

/// The texts of answers that the proxy gives by itself.
enum LocalAnswers {
    /// As the gateway words it for a function that is not deployed; without a line end there, so also here.
    static func notFoundText(_ name: String) -> String {
        "error finding function \(name): function not found"
    }

    /// As the provider words it when no replica can be reached.
    static func unreachableText(_ name: FunctionName) -> String {
        "Can't reach service for: \(name.name).\n"
    }

    /// The answer for a name that is in no table: says whether the name could be one at all.
    ///
    /// - Parameters:
    ///   - name: what stands behind `/function/`.
    ///   - defaultNamespace: the namespace that may be left out.
    static func unknownFunction(_ name: Bytes, defaultNamespace: String) -> TextAnswer {
        guard !name.isEmpty else { return TextAnswer(status: 404, text: "404 page not found\n") }
        guard name.allSatisfy(\.isNamePart) else {
            return TextAnswer(
                status: 400,
                text: "invalid function name: only letters, digits, '-', '_' and '.' may stand behind /function/\n",
                isInternal: true)
        }
        let text = String(decoding: name, as: UTF8.self)
        // `.NAMESPACE` names no function at all, as `/function/` does.
        if text.first == ".", !text.dropFirst().contains(".") {
            return TextAnswer(status: 404, text: "404 page not found\n")
        }
        do {
            let parsed =
                text.contains(".")
                ? try FunctionName(qualified: text) : try FunctionName(text, namespace: defaultNamespace)
            return TextAnswer(status: 404, text: notFoundText(parsed.description), isInternal: true)
        } catch {
            return TextAnswer(status: 400, text: "\(error)\n", isInternal: true)
        }
    }

    /// A length of time in seconds, with as few decimals as it needs.
    static func seconds(_ time: TimeAmount) -> String {
        let milliseconds = time.nanoseconds / 1_000_000
        guard milliseconds % 1000 != 0 else { return "\(milliseconds / 1000)" }
        let fraction = String(1000 + milliseconds % 1000).dropFirst()
        return "\(milliseconds / 1000).\(fraction)"
    }
}
