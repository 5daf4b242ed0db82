import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1

/// Sends images to the gateway's machine, without a registry: a route of faasd's own.
extension GatewayClient {
    private static let path = "/system/images"
    /// The transport of an archive and its import.
    private static let importTimeout = Duration.seconds(600)
    private static let pieceBytes = 1 << 20

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

    /// Sends an archive of images.
    ///
    /// - Parameter namespace: of the functions that are to be made of them; empty for the default one.
    /// - Throws: ``CLIError``.
    func importArchive(_ file: String, namespace: String) async throws {
        guard let handle = FileHandle(forReadingAtPath: file) else { throw CLIError(.file, "cannot read \(file)") }
        defer { try? handle.close() }
        let length = Int64(try handle.seekToEnd())
        try handle.seek(toOffset: 0)
        var request = try request(.PUT, Self.path, query: [("namespace", namespace)])
        request.headers.add(name: "Content-Type", value: "application/octet-stream")
        request.body = .stream(ArchivePieces(handle: handle, size: Self.pieceBytes), length: .known(length))
        let sent = request
        let reply = try await reached { try await transport.send(sent, timeout: Self.importTimeout) }
        guard reply.status == 200 else { throw unexpected(reply) }
    }
}

/// The bytes of a file, piece by piece, so that an image is never in memory as a whole.
private struct ArchivePieces: AsyncSequence, Sendable {
    let handle: FileHandle
    let size: Int

    struct AsyncIterator: AsyncIteratorProtocol {
        let handle: FileHandle
        let size: Int

        mutating func next() async throws -> ByteBuffer? {
            guard let data = try handle.read(upToCount: size), !data.isEmpty else { return nil }
            return ByteBuffer(bytes: data)
        }
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(handle: handle, size: size) }
}
