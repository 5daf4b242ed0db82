import AsyncHTTPClient
import Glibc
import NIOCore
import NIOFoundationCompat
import NIOHTTP1
import NIOPosix
import NIOSSL

import struct Foundation.Data
import class Foundation.JSONDecoder

/// HTTP, as far as the commands need it: one client for one command.
struct Transport: Sendable {
    /// The longest answer that is kept in memory.
    static let maximumReply = 64 << 20

    private let client: HTTPClient

    /// Runs a body with a client, and closes it however the body ends.
    ///
    /// - Parameters:
    ///   - tlsNoVerify: whether any certificate will do.
    ///   - followsRedirects: off for the API, whose paths never move and whose credentials go nowhere else.
    static func with<Value: Sendable>(
        tlsNoVerify: Bool = false, followsRedirects: Bool = false, proxy: HTTPProxy? = nil,
        _ body: (Transport) async throws -> Value
    ) async throws -> Value {
        var configuration = HTTPClient.Configuration()
        var tls = TLSConfiguration.makeClientConfiguration()
        if tlsNoVerify { tls.certificateVerification = .none }
        configuration.tlsConfiguration = tls
        configuration.httpVersion = .http1Only
        configuration.redirectConfiguration =
            followsRedirects ? .follow(max: 10, allowCycles: false) : .disallow
        configuration.timeout.connect = .seconds(10)
        // Who types a command wants to know at once that nobody listens.
        configuration.connectionPool.retryConnectionEstablishment = false
        if let proxy {
            configuration.proxy = .server(
                host: proxy.host, port: proxy.port,
                authorization: proxy.credentials.map { .basic(credentials: $0) })
        }
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        do {
            let value = try await body(Transport(client: client))
            try? await client.shutdown()
            return value
        } catch {
            try? await client.shutdown()
            throw error
        }
    }

    /// Sends a request and gives its answer as it comes.
    ///
    /// - Parameter timeout: from the beginning to the last byte of the answer; `nil` for no limit.
    /// - Throws: whatever kept the answer from coming.
    func open(_ request: HTTPClientRequest, timeout: Duration?) async throws -> HTTPClientResponse {
        // A year is no limit to a command, and the deadline must be a time that exists.
        let nanoseconds = (timeout ?? .seconds(31_536_000)).nanoseconds
        return try await client.execute(request, deadline: .now() + .nanoseconds(nanoseconds))
    }

    /// Sends a request and collects its answer.
    func send(_ request: HTTPClientRequest, timeout: Duration?, limit: Int = maximumReply) async throws -> Reply {
        let response = try await open(request, timeout: timeout)
        let body = try await response.body.collect(upTo: limit)
        return Reply(
            status: Int(response.status.code), reason: response.status.reasonPhrase, headers: response.headers,
            body: Array(body.readableBytesView))
    }
}

/// A whole answer.
struct Reply: Sendable {
    let status: Int
    let reason: String
    let headers: HTTPHeaders
    let body: [UInt8]

    /// `202 Accepted`, as Go shows a status.
    var statusLine: String { reason.isEmpty ? "\(status)" : "\(status) \(reason)" }

    /// The body as text, without white space around it.
    var text: String {
        var text = String(decoding: body, as: UTF8.self)[...]
        while text.last?.isWhitespace == true { text = text.dropLast() }
        while text.first?.isWhitespace == true { text = text.dropFirst() }
        return String(text)
    }

    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        try JSONDecoder().decode(type, from: Data(body))
    }
}

extension Duration {
    /// Whole nanoseconds.
    var nanoseconds: Int64 {
        let parts = components
        return parts.seconds * 1_000_000_000 + parts.attoseconds / 1_000_000_000
    }
}

/// What a failed request says, short enough for a sentence.
enum ConnectionProblem {
    static func text(_ error: any Error) -> String {
        switch error {
        case let error as NIOConnectionError:
            return error.connectionErrors.first.map { text($0.error) } ?? "no address answers"
        case let error as IOError:
            return error.errnoCode == 0 ? error.description : lowered(String(cString: strerror(error.errnoCode)))
        case let error as HTTPClientError:
            return lowered(error.shortDescription)
        default:
            return "\(error)"
        }
    }

    private static func lowered(_ text: String) -> String { text.prefix(1).lowercased() + text.dropFirst() }
}
