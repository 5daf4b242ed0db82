import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import NIOFoundationCompat

/// Bodies of the control plane.
enum JSON {
    /// Reads a request's body.
    ///
    /// - Throws: ``TextError`` 413 when it is too long, 400 when it is not what is expected, naming the field.
    static func decode<Value: Decodable>(_ type: Value.Type, from request: Request) async throws -> Value {
        let limit = ControlContext.maximumBodyBytes
        let body: ByteBuffer
        do {
            body = try await request.body.collect(upTo: limit)
        } catch is NIOTooManyBytesError {
            throw TextError(.contentTooLarge, "the body must not be longer than \(limit) bytes")
        }
        guard body.readableBytes > 0 else {
            throw TextError(.badRequest, "the body is empty; a JSON object is expected")
        }
        do {
            return try JSONDecoder().decode(type, from: Data(buffer: body))
        } catch let error as DecodingError {
            throw TextError(.badRequest, sentence(for: error))
        }
    }

    /// Makes an answer.
    static func response(_ value: some Encodable) throws -> Response {
        Response(
            status: .ok, headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(data: try encode(value))))
    }

    /// Writes a value in one line, with a stable order of keys.
    static func encode(_ value: some Encodable) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(value)
    }

    private static func sentence(for error: DecodingError) -> String {
        switch error {
        case .typeMismatch(let type, let context):
            "invalid \(field(context)): a value of type \(name(of: type)) is expected"
        case .valueNotFound(_, let context): "invalid \(field(context)): null is not allowed here"
        case .keyNotFound(let key, _): "the field \"\(key.stringValue)\" is missing"
        case .dataCorrupted: "the body is not valid JSON"
        @unknown default: "the body is not what is expected"
        }
    }

    private static func field(_ context: DecodingError.Context) -> String {
        let path = context.codingPath.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }.joined(separator: ".")
        return path.isEmpty ? "body" : "field \"\(path)\""
    }

    private static func name(of type: any Any.Type) -> String {
        switch type {
        case is String.Type: "string"
        case is Bool.Type: "boolean"
        case is [Any].Type: "array"
        case is any BinaryInteger.Type, is Double.Type: "number"
        default: "object"
        }
    }
}
