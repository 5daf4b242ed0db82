import Glibc
import Testing

@Suite struct StaticTests {
    /// A folder with a bit of everything, served.
    private func serve() throws -> (watchdog: RunningWatchdog, folder: TemporaryFolder) {
        let folder = try TemporaryFolder()
        let made = try Programs.run([
            "sh", "-c",
            """
            cd \(folder.path) && mkdir -p public/sub/empty public/site && echo secret > secret && cd public
            echo page > site/index.html; echo 0123456789 > ten.txt; echo '{}' > 'a b<.json'; : > nothing; touch .hidden
            ln -s ../secret out; ln -s ten.txt in; ln -s / root; mkfifo pipe; head -c 1000000 /dev/zero > big.bin
            touch -d @1795486561 ten.txt
            """,
        ])
        #expect(made.status == 0, "\(made.output)")
        let watchdog = try RunningWatchdog([], ["mode": "static", "static_path": "\(folder.path)/public"])
        return (watchdog, folder)
    }

    private func remove(_ folder: TemporaryFolder) throws {
        #expect(try Programs.run(["rm", "-rf", "\(folder.path)/public"]).status == 0)
    }

    @Test func servesFiles() throws {
        let (watchdog, folder) = try serve()
        let before = watchdog.descriptors
        let answer = try watchdog.get("/ten.txt?x")
        #expect(answer.status == 200 && answer.text == "0123456789\n")
        #expect(answer.header("Content-Type") == "text/plain; charset=utf-8")
        #expect(answer.header("Last-Modified") == "Tue, 24 Nov 2026 02:16:01 GMT")
        #expect(answer.header("X-Duration-Seconds") == nil)
        #expect(try watchdog.get("/a%20b%3C.json").header("Content-Type") == "application/json")
        #expect(try watchdog.get("/in").text == "0123456789\n")
        #expect(try watchdog.get("/nothing").header("Content-Length") == "0")
        #expect(try watchdog.get("/big.bin").body.count == 1_000_000)
        #expect(try watchdog.get("/site/").text == "page\n")
        #expect(try watchdog.get("//site/./").header("Content-Type") == "text/html; charset=utf-8")
        let head = try watchdog.call("HEAD /ten.txt HTTP/1.1\r\nHost: h\r\n\r\n")
        #expect(head.header("Content-Length") == "11")
        let folderOnly = try watchdog.get("/site?q=1")
        #expect(folderOnly.status == 301 && folderOnly.header("Location") == "./site/?q=1")
        #expect(eventually { watchdog.descriptors == before })
        #expect(watchdog.waitForLog("GET /ten.txt?x - 200 OK - ContentLength: 11B ("))
        try remove(folder)
    }

    @Test(arguments: [
        "/out", "/../secret", "/%2e%2e/secret", "/site/../../secret", "/root/etc/passwd", "/missing", "/pipe",
        "/ten.txt/", "/ten.txt/x", "/site/..%2f..%2fsecret", "/sub/%2e%2e/ten.txt",
    ])
    func doesNotLeaveItsFolder(path: String) throws {
        let (watchdog, folder) = try serve()
        let answer = try watchdog.get(path)
        #expect(answer.status == 404)
        #expect(answer.text == "404 page not found\n")
        try remove(folder)
    }

    @Test func servesParts() throws {
        let (watchdog, folder) = try serve()
        func get(_ field: String) throws -> HTTPClient.Response {
            try watchdog.call("GET /ten.txt HTTP/1.1\r\nHost: h\r\n\(field)\r\n\r\n")
        }
        let part = try get("Range: bytes=2-4")
        #expect(part.status == 206 && part.text == "234")
        #expect(part.header("Content-Range") == "bytes 2-4/11")
        #expect(try get("Range: bytes=9-").text == "9\n")
        #expect(try get("Range: bytes=-3").text == "89\n")
        #expect(try get("Range: bytes=5-99").text == "56789\n")
        let beyond = try get("Range: bytes=11-")
        #expect(beyond.status == 416 && beyond.header("Content-Range") == "bytes */11")
        for odd in ["bytes=4-2", "bytes=x-", "lines=1-2", "bytes=1-2,4-5", "bytes=-", "bytes=99999999999999999999-"] {
            #expect(try get("Range: \(odd)").status == 200, "\(odd)")
        }
        #expect(try get("Range: bytes=2-4\r\nIf-Range: x").status == 200)
        let client = try watchdog.client()
        try client.send(
            "GET /ten.txt HTTP/1.1\r\nHost: h\r\nIf-Modified-Since: Tue, 24 Nov 2026 02:16:01 GMT\r\n\r\n"
                + "GET /ten.txt HTTP/1.1\r\nHost: h\r\n\r\n")
        let known = try client.response(toHead: true)
        #expect(known.status == 304 && known.header("Content-Length") == nil)
        #expect(try client.response().text == "0123456789\n")
        #expect(try get("If-Modified-Since: Tue, 24 Nov 2025 02:16:01 GMT").status == 200)
        try remove(folder)
    }

    @Test func listsFolders() throws {
        let (watchdog, folder) = try serve()
        let list = try watchdog.get("/")
        #expect(list.header("Content-Type") == "text/html; charset=utf-8")
        #expect(list.text.contains("<a href=\"./a%20b%3C.json\">a b&lt;.json</a>\n"))
        #expect(list.text.contains("<a href=\"./sub/\">sub/</a>\n"))
        #expect(!list.text.contains("hidden"))
        #expect(try watchdog.get("/sub/empty/").text.hasSuffix("<pre>\n</pre>\n"))
        try remove(folder)
    }

    @Test func allowsNothingElse() throws {
        let (watchdog, folder) = try serve()
        let answer = try watchdog.post("x")
        #expect(answer.status == 405 && answer.header("Allow") == "GET, HEAD")
        #expect(try watchdog.get("/_/health").text == "OK")
        try remove(folder)
        let missing = try Programs.run(
            [try Programs.watchdog()], environment: ["mode": "static", "static_path": "/nowhere", "port": "0"])
        #expect(missing.status == 1)
        #expect(missing.output.contains("cannot serve static_path /nowhere: no such file or directory"))
    }
}
