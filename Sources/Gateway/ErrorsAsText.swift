import HTTPTypes
import Hummingbird
import Logging
import Provider
import Queue

/// Turns whatever a route throws into the text answer that belongs to it.
struct ErrorsAsText: RouterMiddleware {
    func handle(
        _ request: Request, context: ControlContext,
        next: (Request, ControlContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as TextError {
            return try error.response(from: request, context: context)
        } catch let error as ProviderError {
            return try error.asTextError.response(from: request, context: context)
        } catch let error as QueueError {
            return try error.asTextError.response(from: request, context: context)
        } catch let error as HTTPError where error.status == .notFound {
            // The text is Go's, which clients of OpenFaaS have seen for years.
            return try TextError(.notFound, "404 page not found").response(from: request, context: context)
        } catch let error as HTTPError {
            return try TextError(error.status, error.body ?? error.status.reasonPhrase)
                .response(from: request, context: context)
        } catch {
            context.logger.error(
                "request failed", metadata: ["path": "\(request.uri.path)", "error": "\(error)"])
            return try TextError(.internalServerError, "internal error; the daemon's log has more")
                .response(from: request, context: context)
        }
    }
}
