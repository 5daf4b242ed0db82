import Foundation
import TestSupport
import Testing

/// Templates and packages that come from elsewhere, and builds by a user who is not root.
@Suite(.serialized) struct TemplateSourceTests {
    private func with(_ body: (CommandLineUser) async throws -> Void) async throws {
        try await Daemon.with { daemon in
            let user = try CommandLineUser(daemon)
            try await user.logIn()
            try await body(user)
        }
    }

    /// Makes a repository with one template, whose versions print what their names are.
    private func makeRepository(_ path: String) async throws {
        let folder = path + "/template/tell"
        try FileManager.default.createDirectory(atPath: folder + "/function", withIntermediateDirectories: true)
        try "language: tell\nfprocess: cat version\n".write(
            toFile: folder + "/template.yml", atomically: true, encoding: .utf8)
        try "FROM docker.io/library/bash:5\nWORKDIR /home/app\nCOPY . .\n".write(
            toFile: folder + "/Dockerfile", atomically: true, encoding: .utf8)
        try "".write(toFile: folder + "/function/notes", atomically: true, encoding: .utf8)
        let git = ["-C", path, "-c", "user.name=a", "-c", "user.email=a@example.com"]
        try await Shell.must("git", ["init", "--quiet", "--initial-branch=main", path])
        for version in ["1.0", "2.0"] {
            try version.write(toFile: folder + "/version", atomically: true, encoding: .utf8)
            try await Shell.must("git", git + ["add", "--all"])
            try await Shell.must("git", git + ["commit", "--quiet", "--message", version])
            try await Shell.must("git", git + ["tag", version])
        }
        try await Shell.must("git", ["clone", "--quiet", "--bare", path, path + ".git"])
    }

    @Test func templatesComeOverHTTPFromStoresAndFolders() async throws {
        try await with { user in
            try await user.importImage("busybox", as: "docker.io/library/bash:5")
            let root = user.directory + "/web"
            try await makeRepository(root + "/tells")
            try await SmallWeb.with(in: root) { web in
                let repository = web.address + "/tells.git"
                let pulled = try await user.call("template", "pull", repository)
                #expect(pulled.output.contains("Wrote 1 template(s) : [tell] from \(repository)"), "\(pulled.output)")
                #expect(try user.read("template/tell/version") == "2.0")
                let tagged = try await user.call("template", "pull", repository + "#1.0")
                #expect(tagged.code == 0, "\(tagged.output)")
                #expect(try user.read("template/tell@1.0/version") == "1.0")
                let none = try await user.call("template", "pull", repository + "#nosuch")
                #expect(none.code == 1 && none.output.contains("nosuch"), "\(none.output)")
                let gone = try await user.call("template", "pull", web.address + "/nosuch.git")
                #expect(gone.code == 1 && gone.output.contains("\nCannot fetch "), "\(gone.output)")
                #expect(try await user.call("template", "pull", root + "/tells").code == 0)

                // A store lists it; the stack file names a version, which the build fetches.
                try #"[{"template":"tell","platform":"x86_64","language":"tell","source":"me","description":"d","#
                    .appending(
                        #""repo":"\#(repository)","official":"false","recommended":true}]"#
                    ).write(toFile: root + "/store.json", atomically: true, encoding: .utf8)
                let store = ["--url", web.address + "/store.json"]
                #expect(try await user.call(["template", "store", "list"] + store).output.contains("tell [x]"))
                #expect(try await user.call(["template", "store", "pull", "tell@2.0"] + store).code == 0)
                try FileManager.default.removeItem(atPath: user.folder + "/template")
                try FileManager.default.createDirectory(
                    atPath: user.folder + "/teller", withIntermediateDirectories: true)
                try user.write(
                    """
                    provider: {name: openfaas}
                    functions:
                      teller: {lang: tell, handler: ./teller, image: teller}
                    configuration:
                      templates: [{name: tell, source: "\(repository)"}]
                    """, to: "stack.yaml")
                let up = try await user.call("up")
                #expect(up.code == 0, "\(up.output)")
                #expect(try await user.call("invoke", "teller").output == "2.0")
            }
        }
    }

    @Test func packagesComeWithASecretThatTheImageDoesNotKeep() async throws {
        try await with { user in
            try await user.importImage("python3", as: "docker.io/library/python:3-slim")
            let root = user.directory + "/web"
            try await makeWheel(root + "/simple/greeting")
            try await SmallWeb.with(in: root) { web in
                try await user.call("new", "greet", "--lang", "python3", "--quiet")
                try user.write("greeting\n", to: "greet/requirements.txt")
                try user.write(
                    "import greeting\n\ndef handle(req):\n    return greeting.text\n", to: "greet/handler.py")
                let address = web.address.replacing("http://", with: "http://\(SmallWeb.user):\(SmallWeb.password)@")
                let stack = """
                    provider: {name: openfaas}
                    functions:
                      greet:
                        lang: python3
                        handler: ./greet
                        image: greet

                    """
                let secret = "    build_secrets: {pip: ./pip.conf}\n"
                try user.write(stack + secret, to: "stack.yaml")
                let missing = try await user.call("build", "--no-import")
                #expect(missing.code == 1 && missing.output.contains("stack.yaml:3: functions.greet.build_secrets.pip"))
                try user.write("[global]\nindex-url = \(address)/simple/\n", to: "pip.conf")
                let up = try await user.call("up")
                #expect(up.code == 0, "\(up.output)")
                #expect(try await user.call("invoke", "greet").output == "hello of a package")
                let archive = user.directory + "/greet.tar"
                try await user.buildah("push", "--quiet", "greet", "docker-archive:\(archive)")
                #expect(try await Shell.run("grep", ["-c", SmallWeb.password, archive]).output == "0\n")
                #expect(!up.output.contains(SmallWeb.password))
            }
        }
    }

    /// The image with the compiler is gigabytes: here the compiler of this machine does what the Dockerfile says.
    @Test func aHandlerInSwiftIsOneStaticProgram() async throws {
        try await with { user in
            try await user.call("new", "swifty", "--lang", "swift", "--quiet")
            try user.write(
                """
                struct Refusal: Error {}

                func handle(_ request: Request) throws -> Response {
                    guard request.method == "POST" else { throw Refusal() }
                    let name = request.header("x-name") ?? "nobody"
                    return Response("\\(request.text) \\(name) \\(request.query)", status: 201, headers: ["X-Kind": "swift"])
                }
                """, to: "swifty/handler.swift")
            try await user.call("build", "--shrinkwrap")
            let dockerfile = try user.read("build/swifty/Dockerfile").replacing("\\\n", with: " ")
            let line = try #require(dockerfile.split(separator: "\n").first { $0.hasPrefix("RUN swiftc") })
            try await Shell.must("env", ["-C", user.folder + "/build/swifty", "sh", "-c", String(line.dropFirst(4))])
            try await user.call("new", "compiled", "--lang", "dockerfile", "--quiet")
            try FileManager.default.copyItem(
                atPath: user.folder + "/build/swifty/handler", toPath: user.folder + "/compiled/handler")
            // The second half of it.
            let half = dockerfile.components(separatedBy: "FROM scratch")[1]
                .replacing("COPY --from=build /build/handler", with: "COPY handler")
            try user.write("FROM scratch" + half, to: "compiled/Dockerfile")
            let up = try await user.call("up", "--filter", "compiled")
            #expect(up.code == 0, "\(up.output)")
            let answer = try await user.daemon.curl(
                "POST", "/function/compiled?a=b", headers: ["X-Name: Ada"], body: "hello")
            #expect(answer.status == 201 && answer.body == "hello Ada a=b" && answer.headers["x-kind"] == "swift")
            let failed = try await user.daemon.curl("GET", "/function/compiled")
            #expect(failed.status == 500 && failed.body == "the function has failed\n")
        }
    }

    /// The smallest package of Python (PEP 427) with its page of the index (PEP 503).
    private func makeWheel(_ folder: String) async throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let name = "greeting-1.0-py3-none-any.whl"
        let script = """
            import sys, zipfile
            with zipfile.ZipFile(sys.argv[1], "w") as wheel:
                info = "greeting-1.0.dist-info/"
                wheel.writestr("greeting.py", "text = 'hello of a package'\\n")
                wheel.writestr(info + "METADATA", "Metadata-Version: 2.1\\nName: greeting\\nVersion: 1.0\\n")
                wheel.writestr(info + "WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
                wheel.writestr(info + "RECORD", "")
            """
        try await Shell.must("python3", ["-c", script, folder + "/" + name])
        try "<a href=\"\(name)\">\(name)</a>\n".write(
            toFile: folder + "/index.html", atomically: true, encoding: .utf8)
    }

    /// With a user of its own for the time of one call: buildah asks the files of accounts for the ranges of ids.
    private static let asDeveloper = #"""
        set -eu
        folder=$1 ids=$2 id=4711
        cp /etc/passwd "$folder/passwd"
        echo "developer:x:$id:$id::$folder:/bin/sh" >> "$folder/passwd"
        echo "$ids" > "$folder/ids"
        touch /etc/subuid /etc/subgid
        mount --bind "$folder/passwd" /etc/passwd
        mount --bind "$folder/ids" /etc/subuid
        mount --bind "$folder/ids" /etc/subgid
        exec setpriv --reuid $id --regid $id --clear-groups env -i -C "$folder" HOME="$folder" TMPDIR="$folder" \
            PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin OPENFAAS_URL="$URL" sh -euc "$3"
        """#

    /// Nothing of it is root's but the daemon.
    @Test func anOrdinaryUserBuildsAndDeploys() async throws {
        try await with { user in
            // The tests' own folder is root's alone.
            let folder = "/run/faas-cli-user-\(UInt32.random(in: 0 ... .max))"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
            defer { try? FileManager.default.removeItem(atPath: folder) }
            for (source, name) in [
                (user.daemon.environment.images + "/busybox.tar", "busybox.tar"),
                (user.daemon.environment.faasd, "faas-cli"), (user.daemon.environment.fwatchdog, "fwatchdog"),
                (user.directory + "/.openfaas", ".openfaas"),
            ] {
                try FileManager.default.copyItem(atPath: source, toPath: folder + "/" + name)
            }
            try await Shell.must("chown", ["-R", "4711:4711", folder])
            func developer(_ commands: String, ids: String = "4711:4711000:65536") async throws -> String {
                try await Shell.must(
                    "timeout",
                    [
                        "120", "env", "URL=\(user.daemon.curl.base)", "unshare", "--mount", "sh", "-c",
                        Self.asDeveloper,
                        "sh", folder, ids, commands,
                    ])
            }
            let run = "mkdir -p run && chmod 700 run && XDG_RUNTIME_DIR=$HOME/run buildah"
            _ = try await developer(
                "\(run) pull --quiet oci-archive:busybox.tar && \(run) tag docker.io/faasd/busybox:latest "
                    + "docker.io/library/bash:5")
            // No session, and no XDG_RUNTIME_DIR.
            let up = try await developer("./faas-cli new hello --lang bash --quiet && ./faas-cli up && id -u")
            #expect(up.contains("Deployed. 202 Accepted.") && up.hasSuffix("4711\n"), "\(up)")
            #expect(try await user.call("invoke", "hello", input: "mine").output == "mine")
            // Without a range of ids it is told what to do.
            let refused = try await developer("echo > hello/x; ./faas-cli build || true", ids: "")
            #expect(refused.contains("; a user other than root needs"), "\(refused)")
        }
    }
}
