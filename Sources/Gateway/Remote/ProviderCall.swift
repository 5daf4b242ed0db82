import Foundation
import NIOCore
import NIOFoundationCompat
import NIOHTTP1
import Provider

/// One request to a provider's API.
struct ProviderCall: Sendable {
    /// For what only reads.
    static let quick = Duration.seconds(10)
    /// For what pulls an image, or waits for a function's end: OpenFaaS's own gateway gives up at this time, too.
    static let slow = Duration.seconds(65)

    let method: HTTPMethod
    /// Begins with `/`; only checked names are part of it.
    let path: String
    var query: [(name: String, value: String)] = []
    var body: ByteBuffer?
    var timeout = Self.quick
    /// What is asked for, for the sentence when the provider says no more than "not found", such as `function f.ns`.
    var subject: String

    /// A request without a body.
    static func get(_ path: String, _ query: [(name: String, value: String)] = [], subject: String) -> ProviderCall {
        ProviderCall(method: .GET, path: path, query: query, subject: subject)
    }

    /// A request that changes something.
    static func change(
        _ method: HTTPMethod, _ path: String, _ query: [(name: String, value: String)] = [], body: some Encodable,
        subject: String
    ) throws -> ProviderCall {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return ProviderCall(
                method: method, path: path, query: query, body: ByteBuffer(data: try encoder.encode(body)),
                timeout: slow, subject: subject)
        } catch {
            throw ProviderError(.invalid, "the request cannot be written as JSON: \(error)")
        }
    }

    /// Path and query in the form of a request line.
    var target: String {
        guard !query.isEmpty else { return path }
        return path + "?" + query.map { "\(Self.encoded($0.name))=\(Self.encoded($0.value))" }.joined(separator: "&")
    }

    /// Percent-encodes all but the unreserved characters (RFC 3986 §2.3).
    private static func encoded(_ text: String) -> String {
        var result = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                result.append(Character(UnicodeScalar(byte)))
            default:
                result += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
        return result
    }
}
