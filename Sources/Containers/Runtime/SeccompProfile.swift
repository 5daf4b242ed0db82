import CSeccomp
import FoundationEssentials

/// Which system calls a container may make, in place of containerd's default.
///
/// It is read strictly and handed on as it was understood: what is not known here is refused and not passed over, since
/// a condition that the runtime does not read would make the profile looser than it looks.
public struct SeccompProfile: Sendable, Equatable {
    /// The longest text, in bytes.
    public static let maximumSize = 64 << 10
    /// The most names that an error lists.
    private static let maximumListed = 20

    let document: SeccompDocument

    /// Reads the JSON form of the OCI runtime specification ("Seccomp" in `config-linux.md`), which is Docker's
    /// without `archMap`, `includes` and `excludes`: `defaultAction`, `defaultErrnoRet`, `architectures`, and
    /// `syscalls` with `names`, `action`, `args`, `errnoRet`; Docker's `comment` is passed over.
    ///
    /// - Throws: `invalidArgument` for a text that is too long, is no profile, has a member, an action, an architecture
    ///   or a system call that is not known (all such calls are listed), or asks for a tracer or a listener.
    public init(json: String) throws(ContainersError) {
        guard json.utf8.count <= Self.maximumSize else {
            throw Self.refusal("must have at most \(Self.maximumSize) bytes")
        }
        do {
            document = try JSONDecoder().decode(SeccompDocument.self, from: Data(json.utf8))
        } catch let error as ContainersError {
            throw error
        } catch {
            throw ContainersError(
                .invalidArgument, "the seccomp profile is not as expected: \(BoundedText.shown(Self.sentence(error)))",
                details: String(describing: error))
        }
        try document.check()
        let unknown = Set(document.rules.flatMap(\.names)).filter { !Self.isSystemCall($0) }.sorted()
        guard unknown.isEmpty else {
            let more = unknown.count > Self.maximumListed ? " and \(unknown.count - Self.maximumListed) more" : ""
            let names = unknown.prefix(Self.maximumListed).map { BoundedText.shown($0, maximumCharacters: 40) }
            throw Self.refusal(
                "names unknown system calls: \(names.joined(separator: ", "))\(more); libseccomp is \(Seccomp.version)")
        }
    }

    /// What happens to a call that no rule is about, such as `SCMP_ACT_ERRNO`.
    public var defaultAction: String { document.defaultAction.rawValue }

    /// The profile as containerd reads it.
    func json() throws(ContainersError) -> String {
        do {
            return String(decoding: try JSONEncoder().encode(document), as: UTF8.self)
        } catch {
            throw ContainersError(.internalError, "the seccomp profile cannot be written", details: "\(error)")
        }
    }

    static func refusal(_ reason: String) -> ContainersError {
        ContainersError(.invalidArgument, "the seccomp profile \(reason)")
    }

    /// libseccomp knows the calls of all architectures, and gives those of others a number of its own.
    private static func isSystemCall(_ name: String) -> Bool {
        let isName = name.utf8.allSatisfy { RuntimeNames.isAlphanumeric($0) || $0 == UInt8(ascii: "_") }
        return isName && !name.isEmpty && seccomp_syscall_resolve_name(name) != __NR_SCMP_ERROR
    }

    private static func sentence(_ error: any Error) -> String {
        guard let error = error as? DecodingError else { return "it cannot be read" }
        let context: DecodingError.Context
        switch error {
        case .typeMismatch(_, let found), .valueNotFound(_, let found), .dataCorrupted(let found): context = found
        case .keyNotFound(let key, _): return "\"\(key.stringValue)\" is missing"
        @unknown default: return "it cannot be read"
        }
        let path = context.codingPath.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: ".")
        return path.isEmpty ? "it is no JSON object of that form" : "\"\(path)\" is of another form"
    }
}
