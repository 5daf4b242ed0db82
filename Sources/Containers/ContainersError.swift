/// What went wrong while the machine was asked to do something with containers.
///
/// `message` is a whole sentence for a person: lower case, no full stop, naming what was wrong and,
/// where it helps, what to do. `details` is what the program that was called printed, cut to a
/// length that is fit to be logged; it may name host paths, so it belongs in logs and not in
/// answers to clients.
public struct ContainersError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kind of a failure. The set is closed, so that a caller can map every kind.
    public enum Code: String, Sendable, CaseIterable {
        /// The registry, or the local store, has no such image, tag or platform.
        case imageNotFound
        /// The registry refused the credentials, or asked for some where there were none.
        case unauthorized
        /// The registry could not be reached, or did not speak the expected protocol.
        case registryUnreachable
        /// The image, or the archive, is not one that can be run here.
        case invalidImage
        /// The name is taken by a container, an image or a namespace.
        case alreadyExists
        /// There is no such container, task or namespace.
        case notFound
        /// containerd does not answer: it is not running, or its socket is elsewhere.
        case unavailable
        /// The work did not end within its time limit and was ended.
        case timedOut
        /// A network namespace, a plugin or an address could not be had.
        case networkFailed
        /// All addresses of the network are in use.
        case addressesUsed
        /// The container was made, but its first process could not be started.
        case startFailed
        /// A value breaks the rule of its field. Nothing was made.
        case invalidArgument
        /// Something that should not happen: an unknown message, a file that cannot be written.
        case internalError
    }

    /// The kind of the failure.
    public let code: Code
    /// One sentence for a person.
    public let message: String
    /// What the called program printed, at most ``maximumDetails`` bytes, or empty.
    public let details: String

    /// The longest ``details``, in bytes.
    public static let maximumDetails = 4096

    /// Makes an error; `details` longer than the limit keep their end, where programs say why.
    public init(_ code: Code, _ message: String, details: String = "") {
        self.code = code
        self.message = message
        self.details = BoundedText.tail(details, maximumBytes: Self.maximumDetails)
    }

    /// The message, and the details in parentheses.
    public var description: String {
        details.isEmpty ? message : "\(message) (\(details))"
    }
}

/// Cutting text to a number of bytes without cutting a character in two.
enum BoundedText {
    /// The end of `text`, at most `maximumBytes` of UTF-8 after a mark that says it was cut.
    static func tail(_ text: String, maximumBytes: Int) -> String {
        guard text.utf8.count > maximumBytes else { return text }
        return "…" + String(decoding: text.utf8.suffix(maximumBytes), as: UTF8.self)
    }

    /// The start of `text`, shortened for use in a sentence.
    static func shown(_ text: String, maximumCharacters: Int = 120) -> String {
        let start = text.prefix(maximumCharacters)
        return start.endIndex == text.endIndex ? text : start + "…"
    }
}
