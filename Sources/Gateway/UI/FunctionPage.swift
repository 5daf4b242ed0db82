import HTTPTypes
import Hummingbird
import NIOCore
import OpenFaaSAPI
import Provider

/// `/ui/`: the functions in a page without scripts.
struct FunctionPage {
    let provider: any FunctionProvider
    let calls: CallCounts

    func add(to routes: ControlRoutes) {
        routes.add("/ui", [.get: page])
    }

    @Sendable func page(_ request: Request, _ context: ControlContext) async throws -> Response {
        let counts = await calls.all()
        let functions = try await provider.list(namespace: FunctionName.defaultNamespace, usage: false).map {
            counts.add(to: $0)
        }
        return Response(
            status: .ok,
            headers: [
                .contentType: "text/html; charset=utf-8",
                // Nothing is loaded and nothing runs, whatever a label or an image may be called.
                .contentSecurityPolicy: "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
                .xContentTypeOptions: "nosniff",
                .cacheControl: "no-store",
            ],
            body: ResponseBody(byteBuffer: ByteBuffer(string: Self.html(functions))))
    }

    static func html(_ functions: [FunctionStatus]) -> String {
        let rows = functions.map { function in
            let name = escaped(function.name)
            return """
                <tr><td><a href="/function/\(name)">\(name)</a></td><td>\(escaped(function.image))</td>\
                <td>\(function.availableReplicas) of \(function.replicas)</td>\
                <td>\(UInt64(function.invocationCount))</td></tr>
                """
        }
        let table = """
            <table><thead><tr><th>Function</th><th>Image</th><th>Replicas</th><th>Invocations</th></tr></thead>
            <tbody>\(rows.joined(separator: "\n"))</tbody></table>
            """
        return """
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><title>faasd</title>
            <meta name="viewport" content="width=device-width, initial-scale=1"></head>
            <body><h1>faasd</h1>
            \(functions.isEmpty ? "<p>No function is deployed. Try <code>faas-cli deploy</code>.</p>" : table)
            </body></html>
            """
    }

    static func escaped(_ text: String) -> String {
        var result = ""
        for character in text {
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            default: result.append(character)
            }
        }
        return result
    }
}
