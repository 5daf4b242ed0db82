/// The user that an image is run as: `USER`, `UID`, `USER:GROUP`, `UID:GID` or a mixture, or nothing for root.
///
/// It is read more strictly than containerd does. There, a number that does not fit into 32 bits loses its upper bits
/// (CVE-2024-40635): 4294967296 runs as root.
public struct ImageUser: Sendable, Equatable {
    /// A user or a group.
    public enum Identity: Sendable, Equatable {
        /// A number: 0 to 2147483647.
        case number(UInt32)
        /// A name, which the files of the image give a number.
        case name(String)
    }

    /// The largest number that all runtimes and kernels take for itself.
    private static let maximumNumber: UInt32 = 2_147_483_647
    /// useradd(8) of most systems takes 32; the C library up to 256 (LOGIN_NAME_MAX).
    private static let maximumName = 256

    /// The user.
    public let user: Identity
    /// The group, or nil for the user's own.
    public let group: Identity?

    /// Reads the text of an image's configuration.
    ///
    /// - Throws: `invalidImage` for anything but that form: a number out of range, with a sign, a space or a leading
    ///   zero, a name with other characters than letters, digits, `_`, `.`, `-` and a `$` at its end.
    public init(_ text: String) throws(ContainersError) {
        guard !text.isEmpty else {
            user = .number(0)
            group = nil
            return
        }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count <= 2 else { throw Self.refusal(text) }
        user = try Self.identity(parts[0], of: text)
        group = parts.count == 2 ? try Self.identity(parts[1], of: text) : nil
    }

    /// Whether it is root by number, or by the name that everybody has for it.
    public var isRoot: Bool { user == .number(0) || user == .name("root") }

    private static func identity(_ part: Substring, of text: String) throws(ContainersError) -> Identity {
        let bytes = part.utf8
        if bytes.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) {
            guard let number = UInt32(part), number <= maximumNumber, bytes.count == 1 || bytes.first != 0x30 else {
                throw refusal(text)
            }
            return .number(number)
        }
        let name = bytes.last == UInt8(ascii: "$") ? bytes.dropLast() : bytes[...]
        guard let first = name.first, RuntimeNames.isAlphanumeric(first) || first == UInt8(ascii: "_"),
            name.allSatisfy({ RuntimeNames.isAlphanumeric($0) || "_.-".utf8.contains($0) }),
            bytes.count <= maximumName
        else { throw refusal(text) }
        return .name(String(part))
    }

    private static func refusal(_ text: String) -> ContainersError {
        ContainersError(
            .invalidImage,
            "the image's user \"\(BoundedText.shown(text))\" must be a name or a number from 0 to \(maximumNumber)"
                + " without sign and leading zeros, and may have a group of the same form after ':'")
    }
}

extension ImageConfig {
    /// Checks what a runtime would misread.
    ///
    /// - Throws: `invalidImage`, as ``ImageUser/init(_:)`` does.
    public func check() throws(ContainersError) {
        _ = try ImageUser(user)
    }
}
