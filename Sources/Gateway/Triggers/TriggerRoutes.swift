import HTTPTypes
import Hummingbird
import OpenFaaSAPI
import Queue

/// `/system/triggers`: what calls functions besides HTTP, and what came of it.
struct TriggerRoutes {
    let desk: TriggerDesk

    func add(to routes: ControlRoutes) {
        routes.add("/system/triggers", [.get: list])
    }

    @Sendable func list(_ request: Request, _ context: ControlContext) async throws -> Response {
        var lines = desk.lines
        if let name = request.uri.queryParameters["function"] {
            let function = try FunctionRoutes.name(String(name), namespace: request.namespace)
            lines = lines.filter { $0.function == function }
        } else if request.namespace != nil {
            let namespace = try request.checkedNamespace(nil)
            lines = lines.filter { $0.function.namespace == namespace }
        }
        return try JSON.response(lines.map(TriggerStatus.init))
    }
}
