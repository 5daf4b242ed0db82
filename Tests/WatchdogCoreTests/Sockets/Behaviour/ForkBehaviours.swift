/// Modes that start a process for each request.
extension Behaviour {
    private static let serializing = ["mode": "serializing", "combine_output": "false"]
    private static let tellsEnvironment = Function.script("cat >/dev/null; env | grep ^Http_ | sort")
    private static let sniffs = "ours never guesses: content_type, or application/octet-stream as of-watchdog"

    private static func post(_ body: String, _ fields: String = "", path: String = "/") -> String {
        "POST \(path) HTTP/1.1\r\nHost: test\r\n\(fields)Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    /// serializing mode, which is the one the classic watchdog has.
    static let forking: [Behaviour] = succeeding + failing + describing + platform

    private static let succeeding = [
        Behaviour(
            name: "gives the body and answers with the output", peers: [.classic, .of], variables: serializing,
            function: .command("cat"), request: post("hello", "Content-Type: text/x\r\n"),
            expected: Answer(
                body: "hello",
                fields: [
                    "Content-Type": "application/octet-stream", "Content-Length": "5", "X-Duration-Seconds": "*",
                    "X-Openfaas-Internal": nil,
                ]),
            others: [
                Other(
                    peer: .classic,
                    answer: Answer(body: "hello", fields: ["Content-Type": "text/x", "X-Duration-Seconds": "*"]),
                    reason: "the classic one takes the request's type; \(sniffs)")
            ]),
        Behaviour(
            name: "has a type when content_type says so", peers: [.classic, .of],
            variables: serializing.merging(["content_type": "application/json"]) { $1 }, function: .command("cat"),
            request: post("{}"), expected: Answer(body: "{}", fields: ["Content-Type": "application/json"])),
        Behaviour(
            name: "runs for GET", peers: [.classic, .of], variables: serializing, function: .command("echo hi"),
            expected: Answer(body: "hi\n")),
        Behaviour(
            name: "runs for DELETE", peers: [.classic, .of], variables: serializing, function: .command("echo hi"),
            request: "DELETE / HTTP/1.1", expected: Answer(body: "hi\n")),
        Behaviour(
            name: "runs for any other method", peers: [.classic, .of], variables: serializing,
            function: .command("echo hi"), request: "OPTIONS /x HTTP/1.1", expected: Answer(body: "hi\n"),
            others: [
                Other(
                    peer: .classic, answer: Answer(status: 405, body: ""),
                    reason: "the classic one knows five methods; ours takes all as of-watchdog does")
            ]),
        Behaviour(
            name: "puts stderr into the answer when told", peers: [.classic, .of],
            variables: ["mode": "serializing", "combine_output": "true"], function: .script("echo out; echo err >&2"),
            expected: Answer(body: "out\nerr\n"),
            others: [
                Other(peer: .of, answer: Answer(body: "out\n"), reason: "of-watchdog has no combine_output")
            ]),
        Behaviour(
            name: "keeps stderr out of the answer", peers: [.classic, .of], variables: serializing,
            function: .script("echo out; echo err >&2"), expected: Answer(body: "out\n")),
    ]

    private static let failing = [
        Behaviour(
            name: "names the exit status", peers: [.classic, .of], variables: serializing,
            function: .script("echo partial; exit 2"),
            expected: Answer(status: 500, body: "exit status 2\n", fields: ["X-Openfaas-Internal": nil]),
            others: [
                Other(
                    peer: .classic, answer: Answer(status: 500, body: "exit status 2\npartial\n"),
                    reason: "serializing mode drops what a failed process has written, as of-watchdog does"),
                Other(
                    peer: .of, answer: Answer(status: 500, body: "exit status 2"),
                    reason: "our lines of text end with a line feed"),
            ]),
        Behaviour(
            name: "names the signal", peers: [.of], variables: serializing, function: .script("kill -9 $$"),
            expected: Answer(status: 500, body: "signal: killed\n"),
            others: [
                Other(
                    peer: .of, answer: Answer(status: 500, body: "signal: killed"),
                    reason: "our lines of text end with a line feed")
            ]),
        Behaviour(
            name: "answers for a command that is not there", peers: [.classic, .of], variables: serializing,
            function: .command("/no/such-command"),
            expected: Answer(
                status: 500, body: "cannot start \"/no/such-command\": no such file or directory\n",
                fields: ["X-Openfaas-Internal": "of-watchdog"]),
            others: [
                Other(
                    peer: .classic, answer: Answer(status: 500, fields: ["X-Openfaas-Internal": nil]),
                    reason: "the words are ours"),
                Other(
                    peer: .of, answer: Answer(status: 500, fields: ["X-Openfaas-Internal": nil]),
                    reason: "the words are ours"),
            ]),
        Behaviour(
            name: "ends what takes too long", peers: [.classic, .of],
            variables: serializing.merging(["exec_timeout": "300ms"]) { $1 }, function: .command("sleep 10"),
            expected: Answer(status: 504, body: "exec_timeout of 0.3s exceeded\n"),
            others: [
                Other(
                    peer: .classic, answer: Answer(status: 408, body: "Killed process.\n"),
                    reason: "an exceeded exec_timeout is 504 in every mode"),
                Other(
                    peer: .of, answer: Answer(status: 500, body: "signal: killed"),
                    reason: "an exceeded exec_timeout is 504 in every mode"),
            ]),
    ]

    private static let describing = [
        Behaviour(
            name: "describes the request", peers: [.classic, .of], variables: serializing, function: tellsEnvironment,
            request: post("hello", "X-Call-Id: 7\r\nx-a-b: 1\r\nX-A-B: 2\r\n", path: "/a%20b/c?x=%201&y"),
            expected: Answer(lines: [
                "Http_Method=POST", "Http_Path=/a b/c", "Http_Query=x=%201&y", "Http_X_Call_Id=7", "Http_X_A_B=1",
                "Http_Content_Length=5", "Http_ContentLength=5", "Http_Host=test",
            ]),
            others: [
                Other(
                    peer: .of,
                    answer: Answer(
                        lines: [
                            "Http_Method=POST", "Http_Path=/a b/c", "Http_Query=x=%201&y", "Http_X_Call_Id=7",
                            "Http_X_A_B=1", "Http_Content_Length=5",
                        ], lacks: ["Http_Host", "Http_ContentLength"]),
                    reason: "ours gives what either of the two gives")
            ]),
        Behaviour(
            name: "gives the length of a body in chunks", peers: [.classic, .of], variables: serializing,
            function: tellsEnvironment,
            request: "POST / HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n",
            expected: Answer(
                lines: ["Http_Content_Length=2", "Http_ContentLength=2"], lacks: ["Http_Transfer_Encoding"]),
            others: [
                Other(
                    peer: .classic,
                    answer: Answer(lines: ["Http_ContentLength=-1", "Http_Transfer_Encoding=chunked"]),
                    reason: "with the whole body there its length is known, and a function can rely on it"),
                Other(
                    peer: .of,
                    answer: Answer(lines: ["Http_Transfer_Encoding=chunked"], lacks: ["Http_Content_Length"]),
                    reason: "with the whole body there its length is known, and a function can rely on it"),
            ]),
        Behaviour(
            name: "keeps a header from being taken for a proxy", peers: [.classic, .of], variables: serializing,
            function: tellsEnvironment, request: "GET / HTTP/1.1\r\nHost: test\r\nProxy: http://evil\r\n\r\n",
            expected: Answer(lines: ["Http_Method=GET"], lacks: ["Http_Proxy"]),
            others: [
                Other(peer: .classic, answer: Answer(lines: ["Http_Proxy=http://evil"]), reason: "httpoxy"),
                Other(peer: .of, answer: Answer(lines: ["Http_Proxy=http://evil"]), reason: "httpoxy"),
            ]),
        Behaviour(
            name: "tells nothing without cgi_headers", peers: [.classic, .of],
            variables: serializing.merging(["cgi_headers": "false"]) { $1 },
            function: .script("env | grep -c ^Http_; true"), expected: Answer(body: "0\n"),
            others: [
                Other(
                    peer: .of, answer: Answer(lacks: ["0"]),
                    reason: "of-watchdog has no cgi_headers")
            ]),
        Behaviour(
            name: "passes its own environment on", peers: [.classic, .of],
            variables: serializing.merging(["GREETING": "hello = there"]) { $1 },
            function: .script("echo \"$GREETING\""), expected: Answer(body: "hello = there\n")),
        Behaviour(
            name: "leaves an unclean path as it is", peers: [.classic, .of], variables: serializing,
            function: .script("echo $Http_Path"), request: "GET /a//b/../c HTTP/1.1",
            expected: Answer(body: "/a//b/../c\n"),
            others: [
                Other(
                    peer: .classic, answer: Answer(status: 307, fields: ["Location": "/a/c"]),
                    reason: "Go's router redirects; the path is the function's to judge"),
                Other(
                    peer: .of, answer: Answer(status: 307, fields: ["Location": "/a/c"]),
                    reason: "Go's router redirects; the path is the function's to judge"),
            ]),
    ]

    private static let platform = [
        Behaviour(
            name: "is healthy", peers: [.classic, .of], function: .command("cat"), request: "GET /_/health HTTP/1.1",
            expected: Answer(body: "OK")),
        Behaviour(
            name: "asks for GET of health", peers: [.classic, .of], function: .command("cat"),
            request: post("", path: "/_/health"), expected: Answer(status: 405, body: "")),
        Behaviour(
            name: "is healthy without a lock file", peers: [.classic, .of], variables: ["suppress_lock": "true"],
            function: .command("cat"), request: "GET /_/health HTTP/1.1", expected: Answer(body: "OK"),
            others: [
                Other(peer: .classic, answer: Answer(status: 503), reason: "theirs can never be healthy then"),
                Other(peer: .of, answer: Answer(status: 503), reason: "theirs can never be healthy then"),
            ]),
        Behaviour(
            name: "is ready", peers: [.classic, .of], variables: serializing, function: .command("echo called"),
            request: "GET /_/ready HTTP/1.1", expected: Answer(body: ""),
            others: [
                Other(peer: .classic, answer: Answer(body: "called\n"), reason: "the classic one has no /_/ready")
            ]),
        Behaviour(
            name: "asks the function when ready_path says so", variables: ["ready_path": "/alive"],
            function: .script("echo $Http_Method $Http_Path"), request: "GET /_/ready HTTP/1.1",
            expected: Answer(body: "GET /alive\n")),
    ]

    static let streaming = [
        Behaviour(
            name: "streaming: echoes", function: .command("cat"), request: post("hello"),
            expected: Answer(body: "hello", fields: ["Content-Type": "application/octet-stream"])),
        Behaviour(
            name: "streaming: describes the request", function: tellsEnvironment, request: post("x", "X-A: b\r\n"),
            expected: Answer(lines: ["Http_Method=POST", "Http_Path=/", "Http_X_A=b", "Http_Content_Length=1"])),
        Behaviour(
            name: "streaming: a failure is a status", function: .script("exit 3"),
            expected: Answer(status: 500, body: "exit status 3\n"),
            others: [
                Other(peer: .of, answer: Answer(body: ""), reason: "of-watchdog answers 200 whatever happens")
            ]),
        Behaviour(
            name: "streaming: a command that is not there is a status", function: .command("/no/such-command"),
            expected: Answer(status: 500),
            others: [
                Other(peer: .of, answer: Answer(body: ""), reason: "of-watchdog answers 200 whatever happens")
            ]),
        Behaviour(
            name: "streaming: a time-out is a status", variables: ["exec_timeout": "300ms"],
            function: .command("sleep 10"), expected: Answer(status: 504),
            others: [
                Other(peer: .of, answer: Answer(body: ""), reason: "of-watchdog answers 200 whatever happens")
            ]),
    ]
}
