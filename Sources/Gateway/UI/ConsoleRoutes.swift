import HTTPTypes
import Hummingbird

/// `/ui/`: the files of the console. They hold nothing that is worth a password, so anybody may read them; what they
/// show comes from `/system`, which asks.
struct ConsoleRoutes {
    /// Nothing is loaded from elsewhere, nothing runs that is not one of the files, whatever a function, a label or a log
    /// may contain, and no other page may show this one in itself.
    private static let policy = """
        default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
        form-action 'self'; frame-ancestors 'none'; base-uri 'none'; require-trusted-types-for 'script'; \
        trusted-types 'none'
        """

    private static let headers: HTTPFields = {
        var fields: HTTPFields = [
            .contentSecurityPolicy: policy, .xContentTypeOptions: "nosniff",
            // The files of two versions must not mix: the browser asks each time, and is told that nothing changed.
            .cacheControl: "no-cache",
        ]
        let others = [
            ("Referrer-Policy", "no-referrer"), ("X-Frame-Options", "DENY"),
            ("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
            // A page of a function that opened this one, or was opened by it, gets no handle on it.
            ("Cross-Origin-Opener-Policy", "same-origin"), ("Cross-Origin-Resource-Policy", "same-origin"),
        ]
        for (name, value) in others {
            if let name = HTTPField.Name(name) { fields[name] = value }
        }
        return fields
    }()

    func add(to routes: ControlRoutes) {
        routes.addOpen("/ui", [.get: index, .head: index])
        routes.addOpen("/ui/:file", [.get: file, .head: file])
    }

    @Sendable func index(_ request: Request, _ context: ControlContext) async throws -> Response {
        try Self.answer("index.html", request)
    }

    @Sendable func file(_ request: Request, _ context: ControlContext) async throws -> Response {
        try Self.answer(context.parameters.get("file") ?? "", request)
    }

    private static func answer(_ name: String, _ request: Request) throws -> Response {
        guard let file = ConsoleFile.all[name] else { throw TextError(.notFound, "404 page not found") }
        var fields = headers
        fields[.eTag] = file.tag
        if request.headers[.ifNoneMatch] == file.tag { return Response(status: .notModified, headers: fields) }
        fields[.contentType] = file.contentType
        return Response(status: .ok, headers: fields, body: ResponseBody(byteBuffer: file.bytes))
    }
}
