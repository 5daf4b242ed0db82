import Foundation
import TestSupport
import Testing

/// `faas-cli` as it is used all day: edit, build, push, run.
@Suite(.serialized) struct DeveloperTests {
    private static let stack = """
        provider: {name: openfaas}
        functions:
          hello: {lang: bash, handler: ./hello, image: hello}
        """

    private func with(_ body: (CommandLineUser) async throws -> Void) async throws {
        try await Daemon.with { daemon in
            let user = try CommandLineUser(daemon)
            try await user.logIn()
            try await user.importImage("busybox", as: "docker.io/library/bash:5")
            try await user.call("new", "hello", "--lang", "bash", "--quiet")
            try user.write(Self.stack, to: "stack.yaml")
            try user.write("echo one", to: "hello/handler.sh")
            try await body(user)
        }
    }

    @Test func anEditIsServedAndSendsOneLayer() async throws {
        try await with { user in
            try await user.with("up", "--watch") { watching in
                try await watching.prints("Watching ./hello")
                #expect(try await user.call("invoke", "hello").output == "one\n")
                try user.write("echo two", to: "hello/handler.sh")
                try await watching.prints("Up to date after", times: 2)
                #expect(try await user.call("invoke", "hello").output == "two\n")
                let sent = watching.output.matches(of: /imported in [0-9.]+s, (\d+) KiB sent/).compactMap { Int($0.1) }
                // The base image is there already.
                #expect(sent.count == 2 && sent[0] > 1000 && sent[1] < 50, "\(sent)")

                // What fails is told, and the watch goes on.
                try user.write(Self.stack + "\n    secrets: [nosuch]\n", to: "stack.yaml")
                try await watching.prints("Changed: stack.yaml.")
                try await watching.prints("stack.yaml:")
                try user.write(
                    Self.stack.replacing("image: hello", with: "image: hello, secrets: [nosuch]"), to: "stack.yaml")
                try await watching.prints("Failed after")
                try user.write(Self.stack, to: "stack.yaml")
                try await watching.prints("Up to date after", times: 3)
                try user.write("echo three", to: "hello/handler.sh")
                try await watching.prints("Up to date after", times: 4)
                #expect(try await user.call("invoke", "hello").output == "three\n")
                #expect(await watching.end(with: SIGINT) == 130)
            }
            try await expectNothingHalfMade(user)
        }
    }

    @Test func whatDoesNotEndWellLeavesNothingHalfMade() async throws {
        try await with { user in
            try await user.call("new", "slow", "--lang", "dockerfile", "--quiet")
            try user.write("FROM docker.io/library/bash:5\nRUN sleep 60\n", to: "slow/Dockerfile")
            for signal in [SIGINT, SIGTERM] {
                try await user.with("up", "--filter", "slow") { building in
                    try await building.prints("RUN sleep 60")
                    try await eventually("the build has begun") { try await !user.buildah("containers", "-q").isEmpty }
                    #expect(await building.end(with: signal) == 130)
                }
                try await expectNothingHalfMade(user)
                #expect(try await user.call("list", "-q").output.isEmpty)
            }
            try user.write("FROM docker.io/library/bash:5\nRUN exit 3\n", to: "slow/Dockerfile")
            let failed = try await user.call("up", "--filter", "slow")
            #expect(failed.code == 1 && failed.output.contains("slow: buildah ended with 3"), "\(failed.output)")
            try await expectNothingHalfMade(user)
        }
    }

    private func expectNothingHalfMade(_ user: CommandLineUser) async throws {
        #expect(try await user.buildah("containers", "--quiet").isEmpty)
        let left = try FileManager.default.contentsOfDirectory(atPath: user.directory)
            .filter { $0.hasPrefix("faas-cli-") || $0.hasPrefix("buildah") }
        #expect(left == [])
    }

    @Test func imagesArePushedAndPublished() async throws {
        try await with { user in
            try await LoopbackRegistry.with(in: user.directory, asksForPassword: true) { registry in
                let image = "\(registry.address)/me/hello"
                try user.write(Self.stack.replacing("image: hello", with: "image: \(image)"), to: "stack.yaml")
                try await user.call("build", "--no-import")
                let refused = try await user.call("push")
                let advice = "log in with: faas-cli registry-login --server \(registry.address)"
                #expect(refused.code == 1 && refused.output.contains(advice), "\(refused.output)")
                for password in ["wrong", LoopbackRegistry.password] {
                    try await user.call(
                        "registry-login", "--server", registry.address, "-u", LoopbackRegistry.user, "-s",
                        input: password)
                    let outcome = try await user.call("push", "--quiet")
                    #expect(outcome.code == (password == "wrong" ? 1 : 0), "\(outcome.output)")
                }
                let mode = try FileManager.default.attributesOfItem(atPath: user.folder + "/credentials/config.json")
                #expect((mode[.posixPermissions] as? NSNumber)?.intValue == 0o600)
            }
            try await LoopbackRegistry.with(in: user.directory, asksForPassword: false) { registry in
                let image = "\(registry.address)/me/flat:1"
                try await user.call("new", "flat", "--lang", "dockerfile", "--quiet")
                try user.write("FROM scratch\nCOPY . /\nCMD [\"/x\"]\n", to: "flat/Dockerfile")
                try user.write(
                    """
                    provider: {name: openfaas}
                    functions:
                      flat: {lang: dockerfile, handler: ./flat, image: "\(image)"}
                    """, to: "flat.yml")
                let platforms = ["--platforms", "linux/amd64,linux/arm64"]
                for _ in 0..<2 {
                    // The second time nothing of the first is added to.
                    let outcome = try await user.call(["publish", "-f", "flat.yml", "--extra-tag", "two"] + platforms)
                    #expect(outcome.code == 0, "\(outcome.output)")
                }
                for tag in ["1", "two"] {
                    let index = try await registry.index("me/flat", tag)
                    #expect(index.ranges(of: "\"architecture\"").count == 2, "\(index)")
                    #expect(index.contains("\"arm64\"") && index.contains("\"amd64\""))
                }
                #expect(try await !user.buildah("images").contains("faas-cli/flat"))
                let local = try await user.call("publish", "-f", "stack.yaml", "--platforms", "arm64")
                #expect(local.code == 1)
            }
        }
    }

    @Test func aFunctionRunsWithoutAGateway() async throws {
        try await with { user in
            try user.write(Self.stack.replacing("image: hello", with: "image: hello, secrets: [key]"), to: "stack.yaml")
            try user.write("echo \"$A $(cat /var/openfaas/secrets/key) $(cat)\"", to: "hello/handler.sh")
            let missing = try await user.call("local-run")
            #expect(missing.code == 1 && missing.output.contains("./.secrets/key"), "\(missing.output)")
            try FileManager.default.createDirectory(
                atPath: user.folder + "/.secrets", withIntermediateDirectories: true)
            try user.write("hush", to: ".secrets/key")
            let printed = try await user.call("local-run", "--print", "--build=false", "-e", "A=b c").output
            #expect(printed.contains("--env 'A=b c'"), "\(printed)")
            let port = try BackgroundProgram.freePort()
            try await user.with("local-run", "--watch", "-p", "\(port)", "-e", "A=now") { running in
                func answers(_ text: String) async throws {
                    try await eventually("the function answers \(text)") {
                        try await Shell.run("curl", ["-s", "-d", "you", "http://127.0.0.1:\(port)/"]).output == text
                    }
                }
                try await answers("now hush you\n")
                try user.write("echo edited", to: "hello/handler.sh")
                try await answers("edited\n")
                #expect(await running.end(with: SIGINT) == 130)
            }
            try await expectNothingHalfMade(user)
            #expect(try await Shell.run("curl", ["-s", "http://127.0.0.1:\(port)/"]).code == 7)
        }
    }

    @Test func whatDiffersIsShown() async throws {
        try await with { user in
            #expect(try await user.call("diff").output == "hello\n  is not deployed\nDifferences found\n")
            #expect(try await user.call("up").code == 0)
            let same = try await user.call("diff")
            #expect(
                same.code == 0 && same.output == "YAML matches deployment, no differences found.\n", "\(same.output)")
            try user.write(
                Self.stack.replacing("image: hello", with: "image: hello, labels: {team: x}"), to: "stack.yaml")
            let other = try await user.call("diff")
            #expect(
                other.code == 1 && other.output == "hello\n  - labels.team: x\nDifferences found\n", "\(other.output)")
        }
    }

    @Test func whatTheMachineHasNeedNotBeSent() async throws {
        try await with { user in
            #expect(try await user.call("up").code == 0)
            let manifest = try await user.buildah(
                "inspect", "--type", "image", "--format", "{{.Manifest}}", "docker.io/library/hello:latest")
            let layers = manifest.matches(of: /layer.v1.tar","digest":"(sha256:[0-9a-f]+)"/).map { String($0.1) }
            let none = "sha256:" + String(repeating: "0", count: 64)
            let curl = try user.daemon.admin()
            func missing(_ digests: [String], _ query: String = "") async throws -> Curl.Answer {
                let body = "[" + digests.map { "\"\($0)\"" }.joined(separator: ",") + "]"
                return try await curl("POST", "/system/images/missing" + query, body: body)
            }
            #expect(try await missing([none] + layers).body.contains("[\"\(none)\""))
            #expect(try await missing(layers.dropLast() + [none]).body == "[\"\(none)\"]")
            #expect(try await missing([]).body == "[]")
            #expect(try await missing(["sha256:x"]).status == 400)
            #expect(try await missing([none.uppercased()]).status == 400)
            #expect(try await missing(Array(repeating: none, count: 513)).status == 400)
            #expect(try await missing(layers, "?namespace=nosuch").status == 400)
            #expect(try await curl("POST", "/system/images/missing", body: "{}").status == 400)
            #expect(try await user.daemon.curl("POST", "/system/images/missing", body: "[]").status == 401)

            // An archive without a layer that nobody has is no image, not even its name.
            let layout = user.directory + "/layout"
            try await user.buildah("push", "--quiet", "docker.io/library/bash:5", "oci:\(layout):docker.io/team/half:1")
            let blobs = try await Shell.must("ls", ["-S", layout + "/blobs/sha256"]).split(separator: "\n")
            try FileManager.default.removeItem(atPath: "\(layout)/blobs/sha256/\(blobs[0])")
            try await Shell.must("tar", ["-C", layout, "-cf", user.directory + "/half.tar", "."])
            let put = try await curl("PUT", "/system/images", options: ["-T", user.directory + "/half.tar"])
            #expect(put.status == 400, "\(put.body)")
            #expect(try await !curl("GET", "/system/images").body.contains("half"))
        }
    }
}
