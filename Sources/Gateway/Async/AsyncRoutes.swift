import HTTPTypes
import Hummingbird
import OpenFaaSAPI
import Queue

/// `/system/async/…`: what became of asynchronous calls, and what can still be done about them.
struct AsyncRoutes {
    private static let defaultLimit = 100
    private static let limits = 1...1000

    let queue: CallQueue

    func add(to routes: ControlRoutes) {
        routes.add("/system/async/calls", [.get: list])
        routes.add("/system/async/calls/:id", [.get: get, .delete: cancel])
        routes.add("/system/async/calls/:id/redrive", [.post: redrive])
        routes.add("/system/async/redrive", [.post: redriveAll])
    }

    @Sendable func list(_ request: Request, _ context: ControlContext) async throws -> Response {
        var filter = try Self.filter(request)
        if let text = request.uri.queryParameters["state"] {
            guard let state = CallState.allCases.first(where: { $0.name == text }) else {
                let known = CallState.allCases.map(\.name).joined(separator: ", ")
                throw TextError(.badRequest, "invalid state: it must be one of \(known)")
            }
            filter.state = state
        }
        if let text = request.uri.queryParameters["before"] {
            guard let number = Int64(text) else {
                throw TextError(.badRequest, "invalid before: it must be the sequence of a call")
            }
            filter.before = number
        }
        return try JSON.response(try await queue.list(filter).map(AsyncCallStatus.init))
    }

    @Sendable func get(_ request: Request, _ context: ControlContext) async throws -> Response {
        let id = context.parameters.get("id") ?? ""
        guard let call = try await queue.call(id) else {
            throw TextError(.notFound, "there is no call \(id.prefix(80)), or no longer")
        }
        return try JSON.response(AsyncCallStatus(call))
    }

    @Sendable func cancel(_ request: Request, _ context: ControlContext) async throws -> Response {
        try await queue.cancel(context.parameters.get("id") ?? "")
        return Response(status: .accepted)
    }

    @Sendable func redrive(_ request: Request, _ context: ControlContext) async throws -> Response {
        try await queue.redrive(context.parameters.get("id") ?? "")
        return Response(status: .accepted)
    }

    @Sendable func redriveAll(_ request: Request, _ context: ControlContext) async throws -> Response {
        try JSON.response(Redriven(redriven: try await queue.redrive(try Self.filter(request))))
    }

    private struct Redriven: Encodable {
        let redriven: Int
    }

    private static func filter(_ request: Request) throws -> CallFilter {
        let query = request.uri.queryParameters
        var filter = CallFilter()
        filter.limit = defaultLimit
        if let name = query["function"] {
            filter.function = try FunctionRoutes.name(String(name), namespace: request.namespace)
        }
        if let name = query["queue"] {
            guard AsyncSettings.isQueueName(String(name)) else {
                throw TextError(.badRequest, "invalid queue: it must be 1 to 63 letters, digits, '-', '_' or '.'")
            }
            filter.queue = String(name)
        }
        if let text = query["limit"] {
            guard let limit = Int(text), limits.contains(limit) else {
                throw TextError(
                    .badRequest, "invalid limit: it must be \(limits.lowerBound) to \(limits.upperBound)")
            }
            filter.limit = limit
        }
        return filter
    }
}
