import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1

/// The gateway of the daemon on this machine, for the operator's commands, which know its password from its file.
public struct LocalGateway: Sendable {
    /// An answer.
    public struct Answer: Sendable {
        /// The HTTP status.
        public let status: Int
        /// The body, whole.
        public let body: [UInt8]

        /// The body as text, without white space around it.
        public var text: String {
            String(decoding: body, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        }
    }

    /// Why there is no answer: a sentence.
    public struct Unreachable: Error, CustomStringConvertible {
        /// The sentence.
        public let description: String
    }

    private let address: String
    private let authorization: String?
    private let transport: Transport

    /// Runs a body with a client, and closes it however the body ends.
    ///
    /// - Parameters:
    ///   - address: such as `http://127.0.0.1:8080`.
    ///   - credentials: name and password; `nil` for what anybody may ask.
    public static func with<Value: Sendable>(
        _ address: String, credentials: (user: String, password: String)?,
        _ body: (LocalGateway) async throws -> Value
    ) async throws -> Value {
        let authorization = credentials.map { user, password in
            "Basic " + Data("\(user):\(password)".utf8).base64EncodedString()
        }
        return try await Transport.with { transport in
            try await body(LocalGateway(address: address, authorization: authorization, transport: transport))
        }
    }

    /// Calls the API.
    ///
    /// - Parameters:
    ///   - method: such as `GET`.
    ///   - path: with its query, escaped.
    ///   - json: the body, if there is one.
    ///   - timeout: how long the answer may take in all.
    /// - Throws: ``Unreachable`` when there is no answer; a status is one.
    public func call(
        _ method: String, _ path: String, json: [UInt8]? = nil, timeout: Duration = .seconds(60)
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: address + path)
        request.method = HTTPMethod(rawValue: method)
        request.headers.add(name: "User-Agent", value: GatewayClient.userAgent)
        if let authorization { request.headers.add(name: "Authorization", value: authorization) }
        if let json {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(ByteBuffer(bytes: json))
        }
        do {
            let reply = try await transport.send(request, timeout: timeout)
            return Answer(status: reply.status, body: reply.body)
        } catch {
            throw Unreachable(description: "\(address) does not answer: \(ConnectionProblem.text(error))")
        }
    }

    /// Escapes what stands in a path or a query.
    public static func escaped(_ text: String) -> String { GatewayClient.escaped(text) }
}
