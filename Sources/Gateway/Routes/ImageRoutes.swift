import HTTPTypes
import Hummingbird
import NIOCore
import OpenFaaSAPI
import Provider

/// `/system/images`: images for functions, straight to the machine, without a registry. An addition to OpenFaaS's
/// contract; `faas-cli up` of this project uses it.
struct ImageRoutes {
    let provider: any FunctionProvider

    func add(to routes: ControlRoutes) {
        routes.add("/system/images", [.get: list, .put: take])
        routes.add("/system/images/missing", [.post: missing])
    }

    @Sendable func list(_ request: Request, _ context: ControlContext) async throws -> Response {
        let namespace = try request.checkedNamespace(nil)
        return try JSON.response(try await provider.images(namespace: namespace))
    }

    /// The body is an array of digests of layers, the answer an array of those that an archive must bring.
    @Sendable func missing(_ request: Request, _ context: ControlContext) async throws -> Response {
        let namespace = try request.checkedNamespace(nil)
        let digests = try await JSON.decode([String].self, from: request)
        return try JSON.response(try await provider.missingBlobs(digests, namespace: namespace))
    }

    /// The body is an OCI or Docker archive, as `buildah push … oci-archive:` and `docker save` make it. Blobs of an
    /// OCI archive that are on the machine already may be left out.
    @Sendable func take(_ request: Request, _ context: ControlContext) async throws -> Response {
        let namespace = try request.checkedNamespace(nil)
        let length = request.headers[.contentLength].flatMap { Int($0) } ?? 0
        guard length <= Provider.maximumArchiveBytes else {
            throw TextError(
                .contentTooLarge, "the archive must not be longer than \(Provider.maximumArchiveBytes >> 30) GiB")
        }
        let pieces = request.body.map { $0.getBytes(at: $0.readerIndex, length: $0.readableBytes) ?? [] }
        return try JSON.response(try await provider.importImages(pieces, namespace: namespace))
    }
}
