/// What `ctr` says when it fails, turned into an error.
///
/// `ctr` prints log lines (`time="…" level=… msg="…"`) and, last, one line `ctr: REASON`. Reasons are texts, not
/// codes; every text looked for here stands in a recorded output of the tests.
struct CtrFailure {
    /// What `ctr` was asked to do; the same words mean different things for different requests.
    enum Request {
        case question
        case run
        case start
        case exec
        case pull
        case importArchive
    }

    let result: CommandResult
    let request: Request

    /// The reason without the program's name, or all it wrote when there is none.
    var reason: String {
        let marker = "ctr: "
        let lines = result.error.split(separator: "\n", omittingEmptySubsequences: false)
        guard let first = lines.firstIndex(where: { $0.hasPrefix(marker) }) else { return trimmed(result.error) }
        return trimmed(lines[first...].joined(separator: "\n").dropFirst(marker.count))
    }

    /// - Parameter subject: What the request was about, such as `container "x"`.
    func error(about subject: String) -> ContainersError {
        let code = code
        return ContainersError(code, message(code, subject: subject), details: reason)
    }

    var code: ContainersError.Code {
        let reason = reason
        if has(reason, Self.daemonDown) { return .unavailable }
        switch request {
        case .question: return questionCode(reason)
        case .run: return runCode(reason)
        case .start: return has(reason, Self.notStarted) ? .startFailed : questionCode(reason)
        case .exec: return execCode(reason)
        case .pull: return pullCode(reason)
        case .importArchive: return has(reason, Self.badImage + Self.badArchive) ? .invalidImage : .internalError
        }
    }

    private static let daemonDown = [
        "failed to dial \"", "transport is closing", "error reading from server: EOF", "desc = \"transport:",
        ": unavailable",
    ]
    private static let accessRefused = [
        "401 Unauthorized", "403 Forbidden", "authorization failed", "insufficient_scope", "failed to authorize",
        "failed to fetch oauth token", "failed to fetch anonymous token", "no basic auth credentials",
    ]
    private static let noConnection = [
        "failed to do request", "dial tcp", "no such host", "i/o timeout", "connection re", "tls:", "x509:",
    ]
    private static let oddAnswer = [
        "unexpected status", "failed with status code", "server gave HTTP response", "EOF",
    ]
    private static let badImage = [
        "no match for platform", "failed to extract layer", "failed to unpack", "unexpected media type",
        "failed size validation", "unexpected commit digest", "unsupported manifest",
    ]
    private static let badArchive = [
        "unrecognized image format", "archive/tar:", "unexpected EOF", "invalid checksum digest", "content digest",
        "invalid character", "invalid reference format",
    ]
    private static let notStarted = [
        "failed to create shim task", "OCI runtime create failed", "failed to start shim",
    ]

    private func questionCode(_ reason: String) -> ContainersError.Code {
        if reason.hasSuffix("not found") { return .notFound }
        if reason.hasSuffix("already exists") { return .alreadyExists }
        if reason.contains("failed precondition") { return .invalidArgument }
        return .internalError
    }

    private func runCode(_ reason: String) -> ContainersError.Code {
        let isTaken = reason.hasPrefix("snapshot \"") || reason.hasPrefix("container \"")
        if isTaken, reason.hasSuffix("already exists") { return .alreadyExists }
        if reason.hasPrefix("image \""), reason.hasSuffix("not found") { return .imageNotFound }
        if has(reason, Self.notStarted) { return .startFailed }
        if has(reason, Self.badImage + ["content digest", "no users found", "no groups found"]) {
            return .invalidImage
        }
        return .internalError
    }

    private func execCode(_ reason: String) -> ContainersError.Code {
        if reason.contains("OCI runtime exec failed") { return .startFailed }
        if reason.contains("cannot exec in a stopped state") || reason.hasSuffix("not found") { return .notFound }
        return .internalError
    }

    /// A registry's token service may be out of reach too, so the connection is looked at before the refusal.
    private func pullCode(_ reason: String) -> ContainersError.Code {
        if has(reason, Self.noConnection) { return .registryUnreachable }
        if has(reason, Self.accessRefused) { return .unauthorized }
        if has(reason, Self.badImage) { return .invalidImage }
        if reason.hasPrefix("failed to resolve reference"), reason.hasSuffix("not found") { return .imageNotFound }
        if has(reason, Self.oddAnswer) { return .registryUnreachable }
        return .internalError
    }

    private func has(_ reason: String, _ texts: [String]) -> Bool {
        texts.contains { reason.contains($0) }
    }
}
