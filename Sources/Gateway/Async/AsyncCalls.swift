import Foundation
import HTTPTypes
import NIOCore
import NIOFoundationCompat
import OpenFaaSAPI
import Provider
import Proxy
import Queue

/// `/async-function/NAME[.NAMESPACE][/PATH]`: takes calls that run later, and calls them off.
///
/// It works on the proxy's own requests, not through the router: a call is kept as it was sent, and taking one costs
/// little beside its commit.
struct AsyncCalls: Sendable {
    /// An answer without a body, or with a sentence.
    struct Answer {
        var status: Int
        var headers: [(name: String, value: String)] = []
        var text = ""
    }

    /// What a client that is refused for now is told to wait, in seconds.
    private static let retryAfter = "5"

    let queue: CallQueue
    let catalog: FunctionCatalog
    let bodyBytes: Int
    let servedBy: String
    let budget: BodyBudget

    func answer(_ request: FallbackRequest, _ target: AsyncTarget) async -> Answer {
        do {
            switch request.method {
            case "POST":
                return try await take(request, target)
            case "DELETE":
                // OpenFaaS Pro's way to call off a call, of which the id alone is known.
                try await queue.cancel(target.name)
                return Answer(status: 202)
            default:
                return Answer(status: 405, headers: [(name: "Allow", value: "DELETE, POST")])
            }
        } catch let error as TextError {
            return Self.refusal(error)
        } catch let error as QueueError {
            return Self.refusal(error.asTextError)
        } catch let error as ProviderError {
            return Self.refusal(error.asTextError)
        } catch BodyBudget.Failure.tooLong {
            return Answer(
                status: 413, headers: [(name: "X-Faasd-Limit", value: "async-max-body-bytes")],
                text: "the body of an asynchronous call must not be longer than \(bodyBytes) bytes: "
                    + "async-max-body-bytes; call /function/ instead, or store it elsewhere and send where it is")
        } catch BodyBudget.Failure.exhausted {
            return Self.refusal(
                QueueError(.full, "too many bodies are being read at once; try again later").asTextError)
        } catch {
            return Answer(status: 400, text: "the request's body cannot be read: \(error)")
        }
    }

    private func take(_ request: FallbackRequest, _ target: AsyncTarget) async throws -> Answer {
        let name = try checked { () throws(InvalidName) in try FunctionName(qualified: target.name) }
        guard catalog.isReady else {
            throw QueueError(.storeFailed, "it is not known yet which functions there are; try again later")
        }
        guard let settings = try await catalog.find(name) else {
            throw TextError(.notFound, "function \(name) not found")
        }
        let fields = RequestFields(request.headers)
        let callbackURL = try fields.callbackURL()
        let key = try fields.idempotencyKey()
        let body = try await budget.read(request.body, limit: bodyBytes)
        let appended = try await queue.submit(
            QueuedCall(
                id: fields.callID ?? UUID().uuidString.lowercased(), function: name, spelling: target.name,
                queue: settings.queue,
                request: CallRequest(
                    method: request.method, target: target.rest,
                    headers: fields.kept(from: request.remoteAddress), body: Data(buffer: body)),
                callbackURL: callbackURL, idempotencyKey: key, acceptedAt: queue.now))
        return Answer(
            status: 202,
            headers: [
                (name: CallHeaders.callID, value: appended.id),
                (name: CallHeaders.startTime, value: "\(queue.now * 1_000_000)"),
                (name: "X-Served-By", value: servedBy),
            ])
    }

    private static func refusal(_ error: TextError) -> Answer {
        var headers = error.headers.map { (name: $0.name.rawName, value: $0.value) }
        if error.status == .serviceUnavailable, error.headers[.retryAfter] == nil {
            headers.append((name: "Retry-After", value: retryAfter))
        }
        return Answer(status: error.status.code, headers: headers, text: error.message)
    }
}

/// The fields of a request that say what becomes of the call.
private struct RequestFields {
    private static let callbackLimit = 2048
    private static let keyLimit = 255
    private static let idLimit = 128

    private let fields: [(name: String, value: String)]

    init(_ fields: [(name: String, value: String)]) {
        self.fields = fields
    }

    private func value(_ name: String) -> String? {
        fields.last { $0.name.count == name.count && $0.name.lowercased() == name }?.value
    }

    /// The client's own identity for the call, where it can be one: it must be possible to ask for it by its path.
    var callID: String? {
        guard let id = value("x-call-id"), (1...Self.idLimit).contains(id.utf8.count),
            id.utf8.allSatisfy({ byte in
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                    || [UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: ":")].contains(byte)
            })
        else { return nil }
        return id
    }

    func callbackURL() throws -> String? {
        guard let url = value("x-callback-url"), !url.isEmpty else { return nil }
        guard url.utf8.count <= Self.callbackLimit, CallbackAddress(url) != nil else {
            throw TextError(
                .badRequest,
                "X-Callback-Url must be an http or https URL of at most \(Self.callbackLimit) bytes")
        }
        return url
    }

    func idempotencyKey() throws -> String? {
        guard let key = value("idempotency-key") else { return nil }
        guard (1...Self.keyLimit).contains(key.utf8.count), key.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw TextError(.badRequest, "Idempotency-Key must be 1 to \(Self.keyLimit) visible ASCII characters")
        }
        return key
    }

    /// What the function gets, with what the proxy would have said of the client.
    func kept(from peer: String?) -> [HeaderField] {
        var kept = EndToEndFields.of(fields, without: ["x-call-id", "x-forwarded-for"])
        let chain = fields.filter { $0.name.lowercased() == "x-forwarded-for" }.map(\.value) + [peer].compactMap(\.self)
        if !chain.isEmpty { kept.append(HeaderField(CallHeaders.forwardedFor, chain.joined(separator: ", "))) }
        if value("x-forwarded-host") == nil, let host = value("host") {
            kept.append(HeaderField(CallHeaders.forwardedHost, host))
        }
        return kept
    }
}
