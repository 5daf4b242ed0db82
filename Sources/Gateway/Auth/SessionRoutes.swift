import HTTPTypes
import Hummingbird

/// `/ui/session`: logging in and out of the console.
struct SessionRoutes {
    let sessions: Sessions

    private struct LoginRequest: Decodable {
        let user: String
        let password: String
    }

    private struct LoginAnswer: Encodable {
        let token: String
        let idleSeconds = Int(SessionTable.idleLimit)
        let totalSeconds = Int(SessionTable.totalLimit)
    }

    func add(to routes: ControlRoutes) {
        routes.addOpen("/ui/session", [.post: login, .delete: logout])
    }

    @Sendable func login(_ request: Request, _ context: ControlContext) async throws -> Response {
        let wish = try await JSON.decode(LoginRequest.self, from: request)
        switch await sessions.login(user: wish.user, password: wish.password, from: context.remoteAddress) {
        case .opened(let token):
            var response = try JSON.response(LoginAnswer(token: token))
            response.headers[.cacheControl] = "no-store"
            return response
        case .refused:
            // No challenge: the browser must not show its own window over the page's form.
            throw TextError(.unauthorized, "the name or the password is wrong")
        case .later(let seconds):
            throw TextError(
                .tooManyRequests, "too many failed logins; try again in \(seconds) s",
                headers: [.retryAfter: "\(seconds)"])
        }
    }

    @Sendable func logout(_ request: Request, _ context: ControlContext) async throws -> Response {
        if let token = BasicAuth.bearerToken(request.headers[.authorization]) { await sessions.logout(token) }
        return Response(status: .noContent)
    }
}
