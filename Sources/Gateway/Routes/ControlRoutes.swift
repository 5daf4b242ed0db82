import HTTPTypes
import Hummingbird

/// Adds routes so that none is open by accident and a wrong method is told from an unknown path.
struct ControlRoutes {
    typealias Handler = @Sendable (Request, ControlContext) async throws -> Response

    private static let methods: [HTTPRequest.Method] = [
        .get, .head, .post, .put, .patch, .delete, .options, .trace, .connect,
    ]

    /// The method that stands for one nobody has heard of: no route has it, so that a known path answers 405.
    static func known(_ method: HTTPRequest.Method) -> HTTPRequest.Method {
        methods.contains(method) ? method : .trace
    }

    let router: Router<ControlContext>
    let auth: BasicAuth

    /// Adds a path that asks for credentials.
    func add(_ path: RouterPath, _ handlers: [HTTPRequest.Method: Handler]) {
        let group = router.group().add(middleware: auth)
        for (method, handler) in handlers { group.on(path, method: method, use: handler) }
        refuseOthers(path, handlers)
    }

    /// Adds a path that anybody may call.
    func addOpen(_ path: RouterPath, _ handlers: [HTTPRequest.Method: Handler]) {
        for (method, handler) in handlers { router.on(path, method: method, use: handler) }
        refuseOthers(path, handlers)
    }

    /// A wrong method is 405 before anybody is asked who they are (Go's mux, which clients know).
    private func refuseOthers(_ path: RouterPath, _ handlers: [HTTPRequest.Method: Handler]) {
        let allowed = handlers.keys.map(\.rawValue).sorted().joined(separator: ", ")
        for method in Self.methods where handlers[method] == nil {
            router.on(path, method: method) { _, _ in
                Response(status: .methodNotAllowed, headers: [.allow: allowed])
            }
        }
    }
}
