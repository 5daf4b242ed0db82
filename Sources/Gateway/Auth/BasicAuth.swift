import Foundation
import HTTPTypes
import Hummingbird

/// Lets only those pass who know the credentials (RFC 7617), or hold the token of a session (RFC 6750).
struct BasicAuth: RouterMiddleware {
    private let credentials: Credentials
    private let sessions: Sessions?
    /// Shared by all copies, and with the console's login.
    let throttle: PasswordThrottle

    /// - Parameter sessions: the console's; none where there is no console.
    init(credentials: Credentials, sessions: Sessions? = nil) {
        self.credentials = credentials
        self.sessions = sessions
        throttle = sessions?.throttle ?? PasswordThrottle()
    }

    func handle(
        _ request: Request, context: ControlContext,
        next: (Request, ControlContext) async throws -> Response
    ) async throws -> Response {
        let authorization = request.headers[.authorization]
        if let sessions, let token = Self.bearerToken(authorization) {
            // No challenge: a browser would answer it with a window of its own over the console.
            guard await sessions.accepts(token) else { throw TextError(.unauthorized, "the session is over; log in") }
            return try await next(request, context)
        }
        guard !Self.isOfAPage(request.headers) else {
            throw TextError(
                .forbidden, "a page in a browser needs a session: log in at /ui/; the password is for programs")
        }
        if authorization != nil, let seconds = throttle.wait(context.remoteAddress) {
            throw TextError(
                .tooManyRequests, "too many wrong passwords; try again in \(seconds) s",
                headers: [.retryAfter: "\(seconds)"])
        }
        guard accepts(authorization) else {
            // Who sends none at all does not guess.
            if authorization != nil { throttle.failed(context.remoteAddress) }
            throw TextError(
                .unauthorized, "invalid credentials", headers: [.wwwAuthenticate: "Basic realm=\"Restricted\""])
        }
        throttle.succeeded(context.remoteAddress)
        return try await next(request, context)
    }

    /// Whether a page made the request, by a script or a form, and not a person or a program.
    ///
    /// Such a request is not even asked for the password: the browser would ask whoever sits before it. And a browser that
    /// was given the password once adds it to every later request to the same place, whoever wrote the
    /// page that makes it: another site, or a function, whose pages come from the same address as `/system`.
    /// `Origin` is sent with all but reads (Fetch, "append a request Origin header"); `Sec-Fetch-*` with everything, but
    /// only over TLS and to loopback addresses (Fetch Metadata).
    static func isOfAPage(_ headers: HTTPFields) -> Bool {
        if headers[.origin] != nil { return true }
        guard let mode = secFetchMode.flatMap({ headers[$0] }) else { return false }
        return mode != "navigate" || secFetchDest.flatMap { headers[$0] } != "document"
    }

    private static let secFetchMode = HTTPField.Name("Sec-Fetch-Mode")
    private static let secFetchDest = HTTPField.Name("Sec-Fetch-Dest")

    /// The token of `Authorization: Bearer TOKEN`.
    static func bearerToken(_ header: String?) -> String? {
        guard let parts = header?.split(separator: " ", omittingEmptySubsequences: true), parts.count == 2,
            parts[0].lowercased() == "bearer"
        else { return nil }
        return String(parts[1])
    }

    func accepts(_ header: String?) -> Bool {
        guard let header, header.utf8.count <= 4096 else { return false }
        let parts = header.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
        guard parts.count == 2, parts[0].lowercased() == "basic",
            let decoded = Data(base64Encoded: parts[1].trimmingCharacters(in: .whitespaces)),
            let colon = decoded.firstIndex(of: UInt8(ascii: ":"))
        else { return false }
        return credentials.match(user: [UInt8](decoded[..<colon]), password: [UInt8](decoded[(colon + 1)...]))
    }

    /// Takes a time that depends on the length of what was given, and on nothing that is secret.
    static func isSame(_ given: [UInt8], as expected: [UInt8]) -> Bool {
        guard !expected.isEmpty else { return false }
        var difference = given.count ^ expected.count
        for (index, byte) in given.enumerated() {
            difference |= Int(byte ^ expected[index % expected.count])
        }
        return difference == 0
    }
}
