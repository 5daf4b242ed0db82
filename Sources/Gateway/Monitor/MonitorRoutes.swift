import HTTPTypes
import Hummingbird
import NIOCore
import OpenFaaSAPI

/// `/system/overview`, `/system/events` and `/system/series`: what a console needs to know of all functions.
struct MonitorRoutes {
    /// How often a stream looks whether the session that opened it still counts.
    private static let sessionCheck = Duration.seconds(30)

    let monitor: Monitor
    let sessions: Sessions

    func add(to routes: ControlRoutes) {
        routes.add("/system/overview", [.get: overview])
        routes.add("/system/events", [.get: events])
        routes.add("/system/series", [.get: series])
    }

    @Sendable func overview(_ request: Request, _ context: ControlContext) async throws -> Response {
        try JSON.response(await monitor.overview())
    }

    @Sendable func series(_ request: Request, _ context: ControlContext) async throws -> Response {
        guard let function = try Self.function(request) else {
            throw TextError(.badRequest, "the query must name a function: /system/series?function=NAME")
        }
        let window = request.uri.queryParameters["window"] ?? "5m"
        guard ["5m", "1h"].contains(window) else {
            throw TextError(.badRequest, "invalid window: it must be 5m or 1h")
        }
        return try JSON.response(await monitor.series(of: function, hour: window == "1h"))
    }

    @Sendable func events(_ request: Request, _ context: ControlContext) async throws -> Response {
        guard let (id, events) = await monitor.open(for: try Self.function(request)) else {
            throw TextError(
                .serviceUnavailable, "too many clients follow the events; try again later",
                headers: [.retryAfter: "10"])
        }
        let token = BasicAuth.bearerToken(request.headers[.authorization])
        let (monitor, sessions) = (monitor, sessions)
        return Response(
            status: .ok, headers: [.contentType: "text/event-stream", .cacheControl: "no-store"],
            body: ResponseBody { writer in
                do {
                    var checked = ContinuousClock.now
                    for await event in events {
                        try await writer.write(event)
                        guard let token, checked.duration(to: .now) >= Self.sessionCheck else { continue }
                        checked = .now
                        guard await sessions.accepts(token) else {
                            try await writer.write(ServerEvent.expired)
                            break
                        }
                    }
                    try await writer.finish(nil)
                } catch {
                    await monitor.leave(id)
                    throw error
                }
                await monitor.leave(id)
            })
    }

    private static func function(_ request: Request) throws -> FunctionName? {
        guard let text = request.uri.queryParameters["function"], !text.isEmpty else { return nil }
        return try FunctionRoutes.name(String(text), namespace: request.namespace)
    }
}
