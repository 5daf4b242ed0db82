/// http mode and static mode.
extension Behaviour {
    static let serving: [Behaviour] = EchoServer.isAvailable ? passing + failing : []

    private static let passing = [
        Behaviour(
            name: "http: passes the request on", function: .server,
            request: "PATCH /a%20b/..%2F?x=%201 HTTP/1.1\r\nHost: h:1\r\nX-A: b\r\nX-A: c\r\nAccept-Encoding: br\r\n"
                + "User-Agent: t\r\nContent-Length: 4\r\n\r\nbody",
            expected: Answer(
                lines: [
                    "PATCH /a%20b/..%2F?x=%201 HTTP/1.1", "Host: h:1", "X-A: b", "X-A: c", "Accept-Encoding: br",
                    "Content-Length: 4", "body",
                ], lacks: ["Transfer-Encoding", "X-Forwarded"],
                fields: ["Content-Type": "text/echo", "X-Duration-Seconds": "*"]),
            others: [
                Other(
                    peer: .of,
                    answer: Answer(
                        lines: [
                            "PATCH /a%20b/..%2F?x=%201 HTTP/1.1", "Host: h:1", "X-A: b", "X-A: c",
                            "Accept-Encoding: br", "Transfer-Encoding: chunked", "body",
                        ], lacks: ["Content-Length", "X-Forwarded"],
                        fields: ["Content-Type": "text/echo", "X-Duration-Seconds": "*"]),
                    reason: "a known length stays known")
            ]),
        Behaviour(
            name: "http: adds nothing to the request", function: .server,
            request: "GET /x HTTP/1.1\r\nHost: h\r\nUser-Agent: t\r\n\r\n",
            expected: Answer(body: "GET /x HTTP/1.1\r\nHost: h\r\nUser-Agent: t\r\n\r\n"),
            others: [
                Other(
                    peer: .of, answer: Answer(lines: ["Accept-Encoding: gzip"]),
                    reason: "Go's client asks for gzip and unpacks it; ours leaves bodies alone")
            ]),
        Behaviour(
            name: "http: passes status and fields back", function: .server, request: "GET /odd HTTP/1.1",
            expected: Answer(status: 299, body: "", fields: ["X-A": "1"])),
        Behaviour(
            name: "http: passes an answer without a body back", function: .server, request: "HEAD /plain HTTP/1.1",
            expected: Answer(body: "", fields: ["Content-Length": "2"])),
        Behaviour(
            name: "http: passes chunks back", function: .server, request: "GET /chunks HTTP/1.1",
            expected: Answer(body: "abcdefg")),
        Behaviour(
            name: "http: does not follow a redirect", function: .server, request: "GET /moved HTTP/1.1",
            expected: Answer(status: 302, fields: ["Location": "/plain"])),
        Behaviour(
            name: "http: passes events back", function: .server,
            request: "GET /events HTTP/1.1\r\nHost: h\r\nAccept: text/event-stream\r\n\r\n",
            expected: Answer(
                lines: ["data: 0", "data: 1", "data: 2"], fields: ["Content-Type": "text/event-stream"])),
        Behaviour(
            name: "http: asks the server when ready_path says so", variables: ["ready_path": "/plain"],
            function: .server, request: "GET /_/ready HTTP/1.1", expected: Answer(body: "ok")),
    ]

    private static let failing = [
        Behaviour(
            name: "http: answers for a server that does not", function: .server, request: "GET /bye HTTP/1.1",
            expected: Answer(
                status: 500, body: "no answer from the function: connection closed\n",
                fields: ["X-Openfaas-Internal": "of-watchdog", "X-Duration-Seconds": "*"]),
            others: [
                Other(
                    peer: .of,
                    answer: Answer(
                        status: 500, body: "",
                        fields: ["X-Openfaas-Internal": "of-watchdog", "X-Duration-Seconds": "*"]),
                    reason: "ours says why")
            ]),
        Behaviour(
            name: "http: answers for a server that is late", variables: ["exec_timeout": "300ms"], function: .server,
            request: "GET /sleep HTTP/1.1",
            expected: Answer(
                status: 504, body: "exec_timeout of 0.3s exceeded\n",
                fields: ["X-Openfaas-Internal": "of-watchdog", "X-Duration-Seconds": "*"]),
            others: [
                Other(
                    peer: .of, answer: Answer(status: 504, body: "", fields: ["X-Openfaas-Internal": "of-watchdog"]),
                    reason: "ours says why")
            ]),
        Behaviour(
            name: "http: lets a client shorten the time", variables: ["exec_timeout": "20s"], function: .server,
            request: "GET /sleep HTTP/1.1\r\nHost: h\r\nX-Timeout: 200ms\r\n\r\n",
            expected: Answer(status: 504, body: "exec_timeout of 0.2s exceeded\n"),
            others: [Other(peer: .of, answer: Answer(status: 504, body: ""), reason: "ours says why")]),
    ]

    static let files = [
        Behaviour(
            name: "static: gives a file", function: .files, request: "GET /a.txt HTTP/1.1",
            expected: Answer(
                body: "hello",
                fields: [
                    "Content-Type": "text/plain; charset=utf-8", "Content-Length": "5", "Last-Modified": "*",
                    "Accept-Ranges": "bytes",
                ])),
        Behaviour(
            name: "static: gives a part of it", function: .files,
            request: "GET /a.txt HTTP/1.1\r\nHost: h\r\nRange: bytes=1-2\r\n\r\n",
            expected: Answer(status: 206, body: "el", fields: ["Content-Range": "bytes 1-2/5"])),
        Behaviour(
            name: "static: has no such part", function: .files,
            request: "GET /a.txt HTTP/1.1\r\nHost: h\r\nRange: bytes=9-\r\n\r\n",
            expected: Answer(status: 416, fields: ["Content-Range": "bytes */5"])),
        Behaviour(
            name: "static: gives the index", function: .files,
            expected: Answer(body: "<p>page</p>", fields: ["Content-Type": "text/html; charset=utf-8"])),
        Behaviour(
            name: "static: has no such file", function: .files, request: "GET /b.txt HTTP/1.1",
            expected: Answer(status: 404, body: "404 page not found\n")),
    ]
}
