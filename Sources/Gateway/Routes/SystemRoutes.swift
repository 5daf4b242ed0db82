import HTTPTypes
import Hummingbird
import OpenFaaSAPI
import Provider

/// `/system/info` and `/healthz` (faas-provider).
struct SystemRoutes {
    let role: Role
    let provider: any FunctionProvider
    let version: VersionInfo

    func add(to routes: ControlRoutes) {
        routes.add("/system/info", [.get: info])
        Self.addHealth(to: routes)
        if role != .provider { routes.addOpen("/", [.get: console]) }
    }

    static func addHealth(to routes: ControlRoutes) {
        routes.addOpen("/healthz", [.get: health, .head: health])
    }

    @Sendable func info(_ request: Request, _ context: ControlContext) async throws -> Response {
        let info = try await provider.info()
        guard role != .provider else { return try JSON.response(info) }
        return try JSON.response(GatewayInfo(provider: info, version: version, arch: GatewayInfo.hostArchitecture))
    }

    /// Says that the gateway serves. That containerd answers is no part of it: with containerd down the
    /// functions go on being called.
    @Sendable private static func health(_ request: Request, _ context: ControlContext) async throws -> Response {
        Response(status: .ok)
    }

    @Sendable func console(_ request: Request, _ context: ControlContext) async throws -> Response {
        Response(status: .temporaryRedirect, headers: [.location: "/ui/"])
    }
}
