import Foundation
import TestSupport

/// What builds fetch from elsewhere, on a loopback port: git repositories over smart HTTP, a list of templates, and an
/// index of Python packages that asks for a password.
struct SmallWeb {
    static let user = "reader"
    static let password = "pip-s3cret"

    /// `http://HOST:PORT`
    let address: String

    /// Runs a body with a server of the repositories and files of a folder.
    static func with(in folder: String, _ body: (SmallWeb) async throws -> Void) async throws {
        let port = try BackgroundProgram.freePort()
        let script = folder + "/serve.py"
        try program.write(toFile: script, atomically: true, encoding: .utf8)
        try await BackgroundProgram.with("python3", [script, String(port), folder, user, password], endedBy: SIGKILL) {
            _ in
            let web = SmallWeb(address: "http://127.0.0.1:\(port)")
            try await eventually("the server answers") {
                try await Shell.run("curl", ["-s", "-o", "/dev/null", web.address]).code == 0
            }
            try await body(web)
        }
    }

    /// `git http-backend` is a CGI program (RFC 3875); everything else are files, those below /simple for readers only.
    private static let program = #"""
        import base64, http.server, os, subprocess, sys

        port, folder, user, password = int(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4]
        expected = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()

        class Handler(http.server.SimpleHTTPRequestHandler):
            def __init__(self, *arguments):
                super().__init__(*arguments, directory=folder)

            def git(self):
                path, _, query = self.path.partition("?")
                length = int(self.headers.get("Content-Length") or 0)
                variables = dict(os.environ, GIT_PROJECT_ROOT=folder, GIT_HTTP_EXPORT_ALL="1", PATH_INFO=path,
                    QUERY_STRING=query, REQUEST_METHOD=self.command,
                    CONTENT_TYPE=self.headers.get("Content-Type") or "",
                    HTTP_CONTENT_ENCODING=self.headers.get("Content-Encoding") or "",
                    GIT_PROTOCOL=self.headers.get("Git-Protocol") or "", CONTENT_LENGTH=str(length))
                answer = subprocess.run(["git", "http-backend"], input=self.rfile.read(length), env=variables,
                    stdout=subprocess.PIPE).stdout
                head, _, body = answer.partition(b"\r\n\r\n")
                fields = [line.split(": ", 1) for line in head.decode().split("\r\n") if line]
                status = next((value for name, value in fields if name == "Status"), "200")
                self.send_response(int(status.split()[0]))
                for name, value in fields:
                    if name != "Status":
                        self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def do_POST(self):
                self.git()

            def do_GET(self):
                if ".git/" in self.path:
                    return self.git()
                if self.path.startswith("/simple") and self.headers.get("Authorization") != expected:
                    self.send_response(401)
                    self.send_header("WWW-Authenticate", "Basic realm=packages")
                    self.end_headers()
                    return
                super().do_GET()

        http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()
        """#
}
