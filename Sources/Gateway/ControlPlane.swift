import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import Proxy

/// Everything on the port that is not a function call: Hummingbird's router as a library, behind the proxy's
/// parser.
struct ControlPlane: Fallback {
    let responder: any HTTPResponder<ControlContext>
    let logger: Logger

    func respond(to request: FallbackRequest, writer: FallbackWriter) async {
        do {
            let (head, response) = try await answer(request)
            try await write(response, toHead: head, with: writer)
        } catch {
            // The client went away; the proxy closes what is left of the connection.
            logger.debug("answer not sent", metadata: ["path": "\(request.target)", "error": "\(error)"])
        }
    }

    private func answer(_ request: FallbackRequest) async throws -> (HTTPRequest?, Response) {
        let context = ControlContext(source: .init(logger: logger, remoteAddress: request.remoteAddress))
        guard let method = HTTPRequest.Method(request.method), request.target.hasPrefix("/") else {
            return (nil, Response(status: .badRequest))
        }
        let head = HTTPRequest(
            method: ControlRoutes.known(method), scheme: "http",
            authority: request.headers.first { $0.name.lowercased() == "host" }?.value,
            path: request.target, headerFields: Self.fields(request.headers))
        let converted = Request(head: head, body: RequestBody(asyncSequence: request.body))
        guard !Self.hasDotSegment(request.target) else {
            let error = TextError(.badRequest, "the path must not have the segments \".\" and \"..\"")
            return (head, try error.response(from: converted, context: context))
        }
        return (head, try await responder.respond(to: converted, context: context))
    }

    private func write(_ response: Response, toHead head: HTTPRequest?, with writer: FallbackWriter) async throws {
        var fields = response.headers.map { (name: $0.name.rawName, value: $0.value) }
        if response.headers[.contentLength] == nil, let length = response.body.contentLength {
            fields.append((name: "Content-Length", value: String(length)))
        }
        try await writer.writeHead(status: response.status.code, headers: fields)
        guard head?.method != .head else { return try await writer.finish() }
        try await response.body.write(BodyWriter(writer: writer))
    }

    private static func fields(_ headers: [(name: String, value: String)]) -> HTTPFields {
        var fields = HTTPFields()
        for (name, value) in headers {
            guard let name = HTTPField.Name(name) else { continue }
            fields.append(HTTPField(name: name, value: value))
        }
        return fields
    }

    /// A segment of `.` or `..`, also in its percent-encoded forms, has no meaning here and is how paths are
    /// escaped from.
    static func hasDotSegment(_ target: String) -> Bool {
        target.prefix { $0 != "?" }.split(separator: "/").contains { segment in
            let plain = segment.lowercased().replacing("%2e", with: ".")
            return plain == "." || plain == ".." || plain.contains("..%2f") || plain.contains("%2f..")
        }
    }
}

/// Hummingbird's way of writing a body, onto the proxy's.
private struct BodyWriter: ResponseBodyWriter {
    let writer: FallbackWriter

    mutating func write(_ buffer: ByteBuffer) async throws {
        try await writer.write(buffer)
    }

    consuming func finish(_ trailingHeaders: HTTPFields?) async throws {
        try await writer.finish()
    }
}
