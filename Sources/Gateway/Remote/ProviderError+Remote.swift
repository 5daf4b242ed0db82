import AsyncHTTPClient
import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import Provider

/// What a provider's refusal, or its silence, means.
extension ProviderError {
    /// The longest text of a provider that is passed on, in characters.
    private static let textLimit = 4096

    /// An answer that is no success.
    ///
    /// - Parameters:
    ///   - status: the provider's status code.
    ///   - text: the body of its answer; many providers send none.
    ///   - call: what was asked.
    ///   - address: whom.
    init(status: Int, text: String, to call: ProviderCall, at address: ProviderAddress) {
        let said = String(text.prefix(Self.textLimit)).trimmingTrailingLineEnds
        func words(_ otherwise: String) -> String { said.isEmpty ? otherwise : said }
        switch status {
        case 400, 422: self.init(.invalid, words("the provider refuses the request"))
        case 413: self.init(.invalid, words("the request is too long for the provider"))
        case 401, 403:
            self.init(
                .runtimeUnavailable,
                "the provider at \(address) refuses this gateway's user and password; give it those of the provider "
                    + "with --provider-credentials-dir")
        case 404: self.init(.notFound, words("\(call.subject) not found"))
        case 405, 501:
            self.init(.unsupported, "\(call.method.rawValue) \(call.path) is not supported by this provider")
        case 409 where call.method == .DELETE: self.init(.inUse, words("\(call.subject) is in use"))
        case 409: self.init(.alreadyExists, words("\(call.subject) already exists"))
        case 502, 503, 504:
            self.init(.runtimeUnavailable, words("the provider at \(address) is not able to serve now (\(status))"))
        case 507: self.init(.storeFailed, words("the provider has no room left"))
        default: self.init(.internalError, words("the provider at \(address) answered \(status)"))
        }
    }

    /// No answer.
    ///
    /// - Parameters:
    ///   - error: what the HTTP client says.
    ///   - address: whom was asked.
    init(unreachable address: ProviderAddress, _ error: any Error) {
        let reason = Self.words(for: error).prefix(200)
        self.init(.runtimeUnavailable, "the provider at \(address) cannot be reached: \(reason)")
    }

    private static func words(for error: any Error) -> String {
        switch error {
        case let error as HTTPClientError: error.shortDescription
        case let error as IOError: String(cString: strerror(error.errnoCode))
        case let error as NIOConnectionError: error.connectionErrors.first.map { words(for: $0.error) } ?? "\(error)"
        default: "\(error)"
        }
    }
}

extension String {
    fileprivate var trimmingTrailingLineEnds: String {
        var text = Substring(self)
        while let last = text.last, last.isNewline { text.removeLast() }
        return String(text)
    }
}
