import AsyncHTTPClient
import NIOHTTP1

/// Sends images to the gateway's machine, without a registry: a route of faasd's own.
extension GatewayClient {
    private static let path = "/system/images"
    /// The transport of an archive and its import.
    private static let importTimeout = Duration.seconds(600)

    /// Whether the gateway takes images: those of other OpenFaaS installations do not.
    ///
    /// - Throws: ``CLIError`` when it does not answer or asks for a password.
    func takesImages() async throws -> Bool {
        let reply = try await call(.GET, Self.path, timeout: .seconds(15))
        switch reply.status {
        case 200: return true
        case 401, 403: throw unexpected(reply)
        default: return false
        }
    }

    /// Which layers are not on the gateway's machine.
    ///
    /// - Returns: `nil` when the gateway does not know the question.
    /// - Throws: ``CLIError``.
    func missingBlobs(_ digests: [String], namespace: String) async throws -> Set<String>? {
        let reply = try await call(
            .POST, Self.path + "/missing", query: [("namespace", namespace)], json: digests, timeout: .seconds(30))
        switch reply.status {
        case 200: return Set(try decode([String].self, from: reply))
        case 401, 403: throw unexpected(reply)
        default: return nil
        }
    }

    /// Sends an archive of images.
    ///
    /// - Parameters:
    ///   - namespace: of the functions that are to be made of them; empty for the default one.
    ///   - isComplete: whether it has all layers. Of one that has not, a refusal may mean that a layer is gone that was
    ///     there a moment ago.
    /// - Returns: whether the images are there now, which is `false` only where all layers are to be sent.
    /// - Throws: ``CLIError``.
    func importArchive(_ archive: ImageArchive, namespace: String, isComplete: Bool) async throws -> Bool {
        var request = try request(.PUT, Self.path, query: [("namespace", namespace)])
        request.headers.add(name: "Content-Type", value: "application/octet-stream")
        request.body = .stream(archive, length: .known(archive.length))
        let sent = request
        let reply = try await reached { try await transport.send(sent, timeout: Self.importTimeout) }
        if reply.status == 200 { return true }
        if !isComplete, [400, 404, 422, 500].contains(reply.status) { return false }
        throw unexpected(reply)
    }
}
