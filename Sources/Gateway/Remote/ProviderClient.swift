import AsyncHTTPClient
import Foundation
import NIOCore
import NIOFoundationCompat
import NIOHTTP1
import NIOPosix
import Provider

/// Speaks a provider's API over HTTP. Every answer is bounded in length and time.
struct ProviderClient: Sendable {
    /// A list of some ten thousand functions.
    static let bodyLimit = 16 << 20
    private static let errorTextLimit = 64 << 10
    /// How long a stream may take to begin: a provider sends its head with the first line of a silent function.
    private static let streamPatience = TimeAmount.hours(24)

    let address: ProviderAddress
    private let authorization: String
    private let calls: HTTPClient
    /// Streams have connections of their own, so that however many there are, calls find one.
    private let streams: HTTPClient

    /// ``shutdown()`` must be called before it goes out of use.
    init(address: ProviderAddress, credentials: Credentials, group: MultiThreadedEventLoopGroup) {
        self.address = address
        let pair = Data(credentials.user + [UInt8(ascii: ":")] + credentials.password)
        authorization = "Basic " + pair.base64EncodedString()
        calls = HTTPClient(eventLoopGroup: group, configuration: Self.configuration(connections: 64))
        streams = HTTPClient(eventLoopGroup: group, configuration: Self.configuration(connections: 256))
    }

    private static func configuration(connections: Int) -> HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration()
        // The password must not go to wherever an answer points.
        configuration.redirectConfiguration = .disallow
        configuration.httpVersion = .http1Only
        configuration.timeout = HTTPClient.Configuration.Timeout(connect: .seconds(5))
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = connections
        // Shorter than Go's servers and ours keep an unused connection.
        configuration.connectionPool.idleTimeout = .seconds(30)
        // Who waits is better told at once; what has to be tried again is tried again by its caller.
        configuration.connectionPool.retryConnectionEstablishment = false
        return configuration
    }

    /// Closes all connections.
    func shutdown() async {
        for client in [calls, streams] {
            // It fails only when it was shut down before.
            try? await client.shutdown()
        }
    }

    /// Sends a request and takes the whole answer.
    ///
    /// - Returns: the body of an answer 2xx.
    /// - Throws: `ProviderError`, or `CancellationError`.
    @discardableResult
    func send(_ call: ProviderCall) async throws -> ByteBuffer {
        try await withThrowingTaskGroup(of: ByteBuffer?.self) { group in
            group.addTask { try await exchange(call) }
            group.addTask {
                try await Task.sleep(for: call.timeout)
                return nil
            }
            defer { group.cancelAll() }
            guard let first = try await group.next(), let body = first else {
                throw ProviderError(
                    .runtimeUnavailable,
                    "the provider at \(address) did not answer \(call.method.rawValue) \(call.path) "
                        + "within \(call.timeout); it may still be at work")
            }
            return body
        }
    }

    /// Sends a request and reads the answer's JSON; an empty answer reads as `null`.
    func read<Value: Decodable>(_ type: Value.Type, _ call: ProviderCall) async throws -> Value {
        let body = try await send(call)
        do {
            let data = body.readableBytes == 0 ? Data("null".utf8) : Data(buffer: body)
            return try JSONDecoder().decode(type, from: data)
        } catch {
            throw ProviderError(
                .internalError,
                "the provider at \(address) answered \(call.method.rawValue) \(call.path) with something unexpected")
        }
    }

    /// Opens an answer that may have no end. Dropping it ends the request.
    ///
    /// - Throws: `ProviderError`, or `CancellationError`.
    func stream(_ call: ProviderCall) async throws -> HTTPClientResponse.Body {
        let response = try await begin(call, with: streams, deadline: .now() + Self.streamPatience)
        guard (200...299).contains(response.status.code) else { throw await refusal(response, to: call) }
        return response.body
    }

    private func exchange(_ call: ProviderCall) async throws -> ByteBuffer {
        let response = try await begin(call, with: calls, deadline: .now() + TimeAmount(call.timeout))
        guard (200...299).contains(response.status.code) else { throw await refusal(response, to: call) }
        do {
            return try await response.body.collect(upTo: Self.bodyLimit)
        } catch is NIOTooManyBytesError {
            throw ProviderError(
                .internalError,
                "the provider's answer to \(call.method.rawValue) \(call.path) is longer than \(Self.bodyLimit) bytes")
        } catch {
            throw failure(error)
        }
    }

    private func begin(
        _ call: ProviderCall, with client: HTTPClient, deadline: NIODeadline
    ) async throws -> HTTPClientResponse {
        var request = HTTPClientRequest(url: address.description + call.target)
        request.method = call.method
        request.headers.add(name: "Authorization", value: authorization)
        request.headers.add(name: "User-Agent", value: "faasd-gateway")
        if let body = call.body {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(body)
        }
        do {
            return try await client.execute(request, deadline: deadline)
        } catch {
            throw failure(error)
        }
    }

    private func refusal(_ response: HTTPClientResponse, to call: ProviderCall) async -> ProviderError {
        // A refusal without a readable text is one all the same.
        let text = (try? await response.body.collect(upTo: Self.errorTextLimit)).map { String(buffer: $0) } ?? ""
        return ProviderError(status: Int(response.status.code), text: text, to: call, at: address)
    }

    private func failure(_ error: any Error) -> any Error {
        if Task.isCancelled { return CancellationError() }
        return ProviderError(unreachable: address, error)
    }
}
