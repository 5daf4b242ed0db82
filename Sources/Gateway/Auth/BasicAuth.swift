import Foundation
import HTTPTypes
import Hummingbird

/// Lets only those pass who know the credentials (RFC 7617).
struct BasicAuth: RouterMiddleware {
    let credentials: Credentials

    func handle(
        _ request: Request, context: ControlContext,
        next: (Request, ControlContext) async throws -> Response
    ) async throws -> Response {
        guard accepts(request.headers[.authorization]) else {
            throw TextError(
                .unauthorized, "invalid credentials", headers: [.wwwAuthenticate: "Basic realm=\"Restricted\""])
        }
        return try await next(request, context)
    }

    func accepts(_ header: String?) -> Bool {
        guard let header, header.utf8.count <= 4096 else { return false }
        let parts = header.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
        guard parts.count == 2, parts[0].lowercased() == "basic",
            let decoded = Data(base64Encoded: parts[1].trimmingCharacters(in: .whitespaces)),
            let colon = decoded.firstIndex(of: UInt8(ascii: ":"))
        else { return false }
        let user = Self.isSame([UInt8](decoded[..<colon]), as: credentials.user)
        let password = Self.isSame([UInt8](decoded[(colon + 1)...]), as: credentials.password)
        return user && password
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
