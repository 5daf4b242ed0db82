import AsyncHTTPClient
import Foundation

/// A list of functions or templates that `store` and `template store` read: from an address or from a file.
enum StoreDocument {
    private static let maximumBytes = 8 << 20

    /// Reads a list.
    ///
    /// - Throws: ``CLIError`` that names where it was to come from.
    static func read<Value: Decodable & Sendable>(
        _ type: Value.Type, from source: String, _ surroundings: Surroundings
    ) async throws -> Value {
        let bytes: [UInt8]
        if source.hasPrefix("http://") || source.hasPrefix("https://") {
            bytes = try await fetch(source)
        } else {
            bytes = try LocalFile.bytes(surroundings.path(source), limit: maximumBytes)
        }
        do {
            return try JSONDecoder().decode(type, from: Data(bytes))
        } catch {
            throw CLIError(.refused, "cannot parse result from OpenFaaS store at URL: \(source)")
        }
    }

    private static func fetch(_ address: String) async throws -> [UInt8] {
        let reply: Reply
        do {
            reply = try await Transport.with(followsRedirects: true) { transport in
                try await transport.send(
                    HTTPClientRequest(url: address), timeout: .seconds(60), limit: maximumBytes)
            }
        } catch {
            throw CLIError(
                .unreachable,
                "cannot connect to OpenFaaS store at URL: \(address): \(ConnectionProblem.text(error)); name a file with --url"
            )
        }
        guard reply.status == 200 else {
            throw CLIError(.refused, "server returned unexpected status code: \(reply.status) - \(reply.text)")
        }
        return reply.body
    }
}

/// The functions of a store (openfaas/store `functions.json`).
struct FunctionStore: Codable, Equatable, Sendable {
    struct Item: Codable, Equatable, Sendable {
        var title: String
        var name: String
        var description: String?
        var author: String?
        var images: [String: String]
        var fprocess: String?
        var repository: String?
        var environment: [String: String]?
        var labels: [String: String]?
        var annotations: [String: String]?
        var readOnlyRootFilesystem: Bool?

        enum CodingKeys: String, CodingKey {
            case title, name, description, author, images, fprocess, environment, labels, annotations
            case repository = "repo_url"
            case readOnlyRootFilesystem
        }
    }

    static let standard = "https://raw.githubusercontent.com/openfaas/store/master/functions.json"
    static let variable = "OPENFAAS_STORE"

    /// The words of `uname -m`, under which stores list images.
    static var platform: String {
        #if arch(arm64)
            "arm64"
        #else
            "x86_64"
        #endif
    }

    var version: String?
    var functions: [Item]

    /// The functions that have an image for a platform.
    func items(platform: String) -> [Item] {
        functions.filter { $0.images[platform].map { !$0.isEmpty } ?? false }
    }

    /// A function by its name or title.
    func item(_ name: String, platform: String) throws -> Item {
        guard let item = items(platform: platform).first(where: { $0.name == name || $0.title == name }) else {
            throw CLIError(.notFound, "function '\(name)' not found for platform '\(platform)'")
        }
        return item
    }
}
