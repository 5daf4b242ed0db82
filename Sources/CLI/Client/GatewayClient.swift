import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import OpenFaaSAPI

/// The gateway's API as commands see it. Every call throws ``CLIError``.
struct GatewayClient: Sendable {
    /// How long a call may take, unless a command says otherwise.
    static let timeout = Duration.seconds(60)

    static let unauthorized =
        "unauthorized access, run \"faas-cli login\" to setup authentication for this server"

    let address: GatewayAddress
    /// The value of the header Authorization, if there is one to send.
    let authorization: String?
    let transport: Transport
    var timeout = Self.timeout

    /// The name towards the gateway.
    static var userAgent: String { "faas-cli/\(FunctionCLI.version.release)" }

    /// Makes the request of a call of the API.
    func request(
        _ method: HTTPMethod, _ path: String, query: [(String, String)] = [], json: (any Encodable & Sendable)? = nil
    ) throws -> HTTPClientRequest {
        var request = HTTPClientRequest(url: address.text + path + Self.query(query))
        request.method = method
        request.headers.add(name: "User-Agent", value: Self.userAgent)
        if let authorization { request.headers.add(name: "Authorization", value: authorization) }
        if let json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(ByteBuffer(bytes: try encoder.encode(json)))
        }
        return request
    }

    /// Calls the API.
    ///
    /// - Throws: ``CLIError`` when the gateway does not answer; a status is an answer.
    func call(
        _ method: HTTPMethod, _ path: String, query: [(String, String)] = [], json: (any Encodable & Sendable)? = nil,
        timeout: Duration? = nil
    ) async throws -> Reply {
        let request = try request(method, path, query: query, json: json)
        return try await reached { try await transport.send(request, timeout: timeout ?? self.timeout) }
    }

    /// Runs what needs the gateway, and says in its terms what went wrong.
    func reached<Value>(_ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch let error as CLIError {
            throw error
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            throw CLIError(
                .unreachable, "cannot connect to OpenFaaS on URL: \(address): \(ConnectionProblem.text(error))")
        }
    }

    /// The error of an answer that was not expected.
    func unexpected(_ reply: Reply) -> CLIError {
        guard reply.status != 401 else { return CLIError(.unauthorized, Self.unauthorized) }
        return CLIError(
            reply.status == 404 ? .notFound : .refused,
            "server returned unexpected status code: \(reply.status) - \(reply.text)")
    }

    /// Decodes an answer.
    func decode<Value: Decodable>(_ type: Value.Type, from reply: Reply) throws -> Value {
        do {
            return try reply.decode(type)
        } catch {
            throw CLIError(
                .refused, "cannot parse result from OpenFaaS on URL: \(address): is it an OpenFaaS gateway?")
        }
    }

    /// A query of names and values; those without a value are left out.
    static func query(_ pairs: [(String, String)]) -> String {
        let parts = pairs.filter { !$0.1.isEmpty }.map { "\(escaped($0.0))=\(escaped($0.1))" }
        return parts.isEmpty ? "" : "?" + parts.joined(separator: "&")
    }

    /// Escapes all but RFC 3986's unreserved characters.
    static func escaped(_ text: String) -> String {
        let unreserved = CharacterSet(
            charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
        return text.addingPercentEncoding(withAllowedCharacters: unreserved) ?? ""
    }
}
