import AsyncHTTPClient
import Foundation
import NIOCore
import NIOFoundationCompat
public import OpenFaaSAPI
import Provider

extension RemoteProvider {
    /// The lines that a function wrote, as the provider sends them. Dropping the sequence ends the request.
    ///
    /// A provider sends its head with the first line, so this may wait as long as the function is silent.
    public func logs(_ request: LogRequest) async throws -> any AsyncSequence<LogMessage, any Error> & Sendable {
        let name = request.name
        var query = [
            (name: "name", value: name.name), (name: "namespace", value: name.namespace),
            (name: "follow", value: request.follow ? "true" : "false"),
        ]
        if let instance = request.instance { query.append((name: "instance", value: instance)) }
        if let since = request.since { query.append((name: "since", value: since)) }
        if let tail = request.tail { query.append((name: "tail", value: String(tail))) }
        let call = ProviderCall.get("/system/logs", query, subject: "function \(name)")
        return RemoteLogs(body: try await client.stream(call), address: client.address)
    }
}

/// Messages out of a stream of JSON lines.
private struct RemoteLogs: AsyncSequence, Sendable {
    let body: HTTPClientResponse.Body
    let address: ProviderAddress

    func makeAsyncIterator() -> Iterator {
        Iterator(pieces: body.makeAsyncIterator(), address: address)
    }

    struct Iterator: AsyncIteratorProtocol {
        var pieces: HTTPClientResponse.Body.AsyncIterator
        let address: ProviderAddress
        var lines = JSONLines()

        mutating func next() async throws -> LogMessage? {
            while true {
                if let line = try lines.next() { return try message(line) }
                if lines.isEnded { return nil }
                do {
                    if let piece = try await pieces.next() { lines.append(piece) } else { lines.end() }
                } catch {
                    if Task.isCancelled { throw CancellationError() }
                    throw ProviderError(unreachable: address, error)
                }
            }
        }

        private func message(_ line: ByteBuffer) throws -> LogMessage {
            do {
                return try JSONDecoder().decode(LogMessage.self, from: Data(buffer: line))
            } catch {
                throw ProviderError(.internalError, "the provider at \(address) sent a log line that is none")
            }
        }
    }
}
