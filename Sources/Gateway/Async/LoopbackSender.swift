import AsyncHTTPClient
import Foundation
import NIOCore
import NIOFoundationCompat
import NIOHTTP1
import OpenFaaSAPI
import Queue

/// Sends calls to functions through this gateway's own port, so that waiting for a replica, the choice among several,
/// limits, counts and the access log are the proxy's, as for any other call.
struct LoopbackSender: CallSender {
    let client: HTTPClient
    /// Where the gateway is, without a slash at the end.
    let base: String
    let catalog: FunctionCatalog
    /// The longest answer that is kept for a callback.
    let answerBytes: Int

    func send(_ call: QueuedCall) async -> SendOutcome {
        var request = HTTPClientRequest(url: base + "/function/\(call.function)" + call.request.target)
        request.method = HTTPMethod(rawValue: call.request.method)
        for field in call.request.headers { request.headers.add(name: field.name, value: field.value) }
        request.headers.replaceOrAdd(name: CallHeaders.callID, value: call.id)
        request.body = .bytes(ByteBuffer(data: call.request.body))
        do {
            // The proxy ends calls of functions that are silent for too long; how long one may take in all is its own.
            let response = try await client.execute(request, deadline: .distantFuture)
            let answer = try await Self.answer(response, keeping: call.callbackURL == nil ? nil : answerBytes)
            if answer.isInternal, answer.status == 404, await catalog.isGone(call.function) {
                return .functionGone("function \(call.function) is not there any more")
            }
            return .answered(answer)
        } catch {
            if Task.isCancelled { return .interrupted }
            return .failed("the call broke off: \(error)")
        }
    }

    /// Reads an answer to its end.
    ///
    /// - Parameter limit: how much of the body is kept; `nil` for nothing.
    private static func answer(_ response: HTTPClientResponse, keeping limit: Int?) async throws -> CallAnswer {
        var body = ByteBuffer()
        var isCut = false
        for try await piece in response.body {
            guard let limit, !isCut else { continue }
            if body.readableBytes + piece.readableBytes > limit {
                isCut = true
                body = ByteBuffer()
            } else {
                body.writeImmutableBuffer(piece)
            }
        }
        return CallAnswer(
            status: Int(response.status.code),
            headers: EndToEndFields.of(response.headers.map { (name: $0.name, value: $0.value) }),
            body: Data(buffer: body), isCut: isCut,
            isInternal: response.headers.contains(name: CallHeaders.openFaaSInternal))
    }

    /// The client for the gateway's own port.
    ///
    /// - Parameter connections: how many calls are sent at once.
    static func makeClient(group: any EventLoopGroup, connections: Int) -> HTTPClient {
        var configuration = HTTPClient.Configuration()
        // Where a function points, its caller may go.
        configuration.redirectConfiguration = .disallow
        configuration.httpVersion = .http1Only
        configuration.timeout = HTTPClient.Configuration.Timeout(connect: .seconds(5))
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = max(8, connections)
        // Shorter than the proxy keeps an unused connection.
        configuration.connectionPool.idleTimeout = .seconds(30)
        configuration.connectionPool.retryConnectionEstablishment = false
        return HTTPClient(eventLoopGroup: group, configuration: configuration)
    }
}
