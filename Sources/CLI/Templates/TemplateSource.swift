import Foundation

/// Where templates are fetched from: a git repository by HTTP, or a repository or a folder on this machine.
///
/// Git knows addresses that run programs (`ext::…`), so only the forms that are listed here ever reach it.
enum TemplateSource: Equatable, Sendable {
    /// A repository, and the branch, tag or commit that is wanted.
    case repository(address: String, ref: String?)
    /// A folder that is no repository.
    case folder(String)

    /// Reads `ADDRESS[#REF]`.
    ///
    /// - Parameter isRepository: tells whether a folder of this machine is a git repository; `nil` when it is no folder.
    /// - Throws: ``CLIError`` for anything else.
    static func parse(_ text: String, isRepository: (String) -> Bool?) throws -> TemplateSource {
        let parts = text.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let address = parts.first ?? ""
        let ref = parts.count > 1 && !parts[1].isEmpty ? parts[1] : nil
        if let ref { try checkRef(ref) }
        let lowered = address.lowercased()
        if lowered.hasPrefix("https://") || lowered.hasPrefix("http://") {
            guard address.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
                throw CLIError(.usage, "\"\(text)\" is no address of a repository")
            }
            return .repository(address: address, ref: ref)
        }
        let path = lowered.hasPrefix("file://") ? String(address.dropFirst(7)) : address
        if !path.hasPrefix("-"), let isRepository = isRepository(path) {
            guard isRepository else {
                guard ref == nil else {
                    throw CLIError(.usage, "\(path) is no git repository, so it has no \"\(ref ?? "")\"")
                }
                return .folder(path)
            }
            return .repository(address: path, ref: ref)
        }
        throw CLIError(
            .usage,
            "\"\(text)\" is neither https://…, http://… nor a folder of this machine; clone other repositories yourself "
                + "and pull from the folder")
    }

    private static func checkRef(_ ref: String) throws {
        let allowed = ref.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !"~^:?*[\\".utf8.contains($0) }
        guard allowed, !ref.hasPrefix("-"), !ref.contains("..") else {
            throw CLIError(.usage, "\"\(ref)\" is no name of a branch, a tag or a commit")
        }
    }

    /// The commit of `sha-COMMIT`.
    static func commit(of ref: String) -> String? {
        guard ref.hasPrefix("sha-") else { return nil }
        let commit = String(ref.dropFirst(4))
        return (7...40).contains(commit.count) && commit.allSatisfy(\.isHexDigit) ? commit : nil
    }
}
