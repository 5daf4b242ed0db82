import HTTPTypes
import Hummingbird
import NIOCore
import NIOFoundationCompat
import OpenFaaSAPI
import Provider

import struct Foundation.Data
import class Foundation.JSONEncoder

/// `/system/logs` (faas-provider `logs`): one JSON object a line.
struct LogRoutes {
    let provider: any FunctionProvider

    func add(to routes: ControlRoutes) {
        routes.add("/system/logs", [.get: logs])
    }

    @Sendable func logs(_ request: Request, _ context: ControlContext) async throws -> Response {
        let messages = try await provider.logs(try Self.query(request))
        return Response(
            status: .ok, headers: [.contentType: "application/x-ndjson", .cacheControl: "no-store"],
            body: ResponseBody { writer in
                // Pulled line by line: a client that reads slowly slows down this loop, and never the function.
                let encoder = JSONEncoder()
                encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
                for try await message in messages {
                    var line = ByteBuffer(data: try encoder.encode(message))
                    line.writeInteger(UInt8(ascii: "\n"))
                    try await writer.write(line)
                }
                try await writer.finish(nil)
            })
    }

    static func query(_ request: Request) throws -> LogRequest {
        func value(_ key: Substring) -> String? {
            request.uri.queryParameters[key].map(String.init).flatMap { $0.isEmpty ? nil : $0 }
        }
        guard let text = value("name") else {
            throw TextError(.badRequest, "the query must name a function: /system/logs?name=NAME")
        }
        var query = LogRequest(name: try FunctionRoutes.name(text, namespace: value("namespace")))
        query.instance = value("instance")
        query.since = value("since")
        query.follow = ["1", "t", "true"].contains(value("follow")?.lowercased())
        if let tail = value("tail") {
            guard let count = Int(tail) else {
                throw TextError(.badRequest, "invalid tail \"\(tail.prefix(40))\": it must be a number of lines")
            }
            // faas-cli sends -1 for all.
            query.tail = count > 0 ? count : nil
        }
        return query
    }
}
