import Foundation
import OpenFaaSAPI
import TestSupport
import Testing

/// `faas-cli` against a daemon: what needs no image of its own.
@Suite(.serialized) struct CommandLineTests {
    private let busybox = "docker.io/faasd/busybox:latest"

    private func with(_ body: (CommandLineUser) async throws -> Void) async throws {
        try await Daemon.with { daemon in
            try await daemon.importImage("busybox")
            let user = try CommandLineUser(daemon)
            try await body(user)
        }
    }

    @Test func loginKeepsThePasswordForTheUserAlone() async throws {
        try await with { user in
            let refused = try await user.call("list")
            #expect(refused.code == 1)
            #expect(refused.output.contains("Unauthorized access, run \"faas-cli login\""), "\(refused.output)")
            let wrong = try await user.call("login", "--password", "wrong")
            #expect(wrong.code == 1)
            #expect(wrong.output.contains("Unable to login, either username or password is incorrect"))
            try await user.logIn()
            let path = user.directory + "/.openfaas/config.yml"
            let attributes = try FileManager.default.attributesOfItem(atPath: path)
            #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600)
            #expect(try await user.call("list").output == "Function                      \tInvocations    \tReplicas\n")
            #expect(try await user.call("logout").output == "credentials removed for \(user.daemon.curl.base)\n")
            #expect(try await user.call("list").code == 1)
        }
    }

    @Test func aFunctionFromItsDeploymentToItsEnd() async throws {
        try await with { user in
            try await user.logIn()
            let deployed = try await user.call(
                "deploy", "--image", busybox, "--name", "echo", "--fprocess", "cat", "-e", "A=b=c", "--label", "team=x")
            #expect(deployed.code == 0)
            #expect(deployed.output.contains("Deployed. 202 Accepted.\nURL: \(user.daemon.curl.base)/function/echo\n"))
            #expect(try await user.call("ready", "echo").output.hasSuffix("Function echo is ready\n"))

            #expect(try await user.call("invoke", "echo", input: "hello").output == "hello")
            let listed = try await user.call("list", "-v").output
            #expect(listed.contains("echo                          \t\(busybox)"))
            #expect(try await user.call("list", "--quiet").output == "echo\n")
            let described = try await user.call("describe", "echo").output
            #expect(described.contains("Status:             Ready\n"), "\(described)")
            #expect(described.contains("Function Process:   cat\n") && described.contains(" A: b=c\n"))
            #expect(try await user.call("describe", "nobody").output == "No such function: nobody\n")

            let scaled = try await user.call("scale", "echo", "--replicas", "3")
            #expect(scaled.code == 0)
            try await eventually("three replicas") {
                try await user.call("describe", "echo").output.contains("Available Replicas: 3\n")
            }
            #expect(try await user.call("remove", "echo").output == "Deleting: echo.\nRemoving old function.\n")
            let again = try await user.call("remove", "echo")
            #expect(again.code == 1 && again.output.hasSuffix("No existing function to remove\n"))
        }
    }

    @Test func callsHaveHeadersQueriesAndMethods() async throws {
        try await with { user in
            try await user.logIn()
            try await user.call("deploy", "--image", busybox, "--name", "env", "--fprocess", "env")
            let outcome = try await user.call(
                "invoke", "env", "-m", "PUT", "--query", "b=2", "--query", "a=1 1", "-H", "X-One: yes",
                "--content-type",
                "application/json", "--sign", "X-Sign", "--key", "k", input: "body")
            let lines = outcome.output.split(separator: "\n")
            #expect(lines.contains("Http_Method=PUT") && lines.contains("Http_Query=a=1%201&b=2"))
            #expect(lines.contains("Http_X_One=yes") && lines.contains("Http_Content_Type=application/json"))
            // printf body | openssl dgst -sha256 -hmac k
            #expect(
                lines.contains("Http_X_Sign=sha256=c6d811ef3aeb02437cd423f1abe13209041864630bdc4e2c04def5c7b0031a23"))
            // The gateway's password is none of the function's business.
            #expect(!outcome.output.contains("Http_Authorization"))
            let queued = try await user.call("invoke", "env", "--async", input: "x")
            #expect(queued.code == 0 && queued.output.isEmpty)
            #expect(queued.error.hasPrefix("Function submitted asynchronously.\nX-Call-Id: "))
            let missing = try await user.call("invoke", "nobody", input: "x")
            #expect(missing.code == 1)
            #expect(missing.output.hasPrefix("Server returned unexpected status code: 404 - "), "\(missing.output)")
        }
    }

    @Test func logsAreShown() async throws {
        try await with { user in
            try await user.logIn()
            try await user.call("deploy", "--image", busybox, "--name", "talk", "--fprocess", "tee /dev/stderr")
            #expect(try await user.call("invoke", "talk", input: "first\n").output == "first\n")
            try await eventually("a line of the log") {
                try await user.call("logs", "talk", "--tail=false").output.contains("first\n")
            }
            let lines = try await user.call("logs", "talk", "--tail=false", "--lines", "1", "--name", "--instance")
                .output
            #expect(lines.split(separator: "\n").count == 1)
            #expect(lines.contains("Z talk (talk-"), "\(lines)")
            let json = try await user.call("logs", "talk", "--tail=false", "--output", "json", "--lines", "1").output
            #expect(try JSONDecoder().decode(LogMessage.self, from: Data(json.utf8)).name == "talk")
            let future = ["logs", "talk", "--tail=false", "--since-time", "2100-01-01T00:00:00Z"]
            #expect(try await user.call(future).output.isEmpty)
            // Followed logs go on: what is called meanwhile is among them, and only the time limit ends it.
            async let following = user.call(["logs", "talk", "--follow"], timeLimit: 5)
            try await user.call("invoke", "talk", input: "second\n")
            let followed = try await following
            #expect(followed.code == 124 && followed.output.contains("first\n") && followed.output.contains("second\n"))
        }
    }

    @Test func secretsAndNamespaces() async throws {
        try await with { user in
            try await user.logIn()
            #expect(try await user.call("secret", "list").output == "No secrets found.\n")
            #expect(
                try await user.call("secret", "create", "key", input: " value \n").output
                    == "Creating secret: key.\nCreated: 201 Created\n")
            let twice = try await user.call("secret", "create", "key", "--from-literal", "x")
            #expect(twice.output.hasSuffix("Secret with the name \"key\" already exists\n"))
            #expect(
                try await user.call("secret", "update", "key", "--from-literal", "new").output
                    == "Updating secret: key\nUpdated: 202 Accepted\n")
            #expect(try await user.call("secret", "list").output == "\nNAME\nkey\n\n")
            try await user.call(
                "deploy", "--image", busybox, "--name", "read", "--secret", "key", "--fprocess",
                "cat /var/openfaas/secrets/key")
            #expect(try await user.call("invoke", "read").output == "new")
            #expect(try await user.call("remove", "read").code == 0)
            #expect(try await user.call("secret", "remove", "key").output == "Removed.. OK.\n")

            #expect(try await user.call("namespaces").output == "Namespaces:\n - openfaas-fn\n")
            #expect(try await user.call("namespace", "create", "team", "--label", "a=b").code == 0)
            #expect(try await user.call("ns", "list").output.contains(" - team\n"))
            #expect(try await user.call("namespace", "get", "team").output.contains(" a: b\n"))
            #expect(try await user.call("namespace", "remove", "team").code == 0)
            #expect(try await user.call("namespace", "get", "team").output == "Namespace team not found\n")
        }
    }

    @Test func versionAndWhatIsUnknown() async throws {
        try await with { user in
            try await user.logIn()
            let version = try await user.call("version").output
            #expect(
                version.hasPrefix("CLI:\n commit: ") && version.contains("Gateway\n uri:     \(user.daemon.curl.base)"))
            #expect(version.contains(" orchestration: containerd"))
            #expect(try await user.call("nosuch").output == "Unknown command \"nosuch\" for \"faas-cli\"\n")
            for (words, reason) in [(["chart", "export"], "Kubernetes"), (["secret", "seal", "x"], "remote builder")] {
                let elsewhere = try await user.call(words)
                #expect(elsewhere.code == 1 && elsewhere.output.contains("is not part of this program: "))
                #expect(elsewhere.output.contains(reason), "\(elsewhere.output)")
            }
            #expect(try await user.call("list", "--nosuch").output == "Unknown flag: --nosuch\n")
            let help = try await user.call("--help")
            #expect(help.code == 0 && help.output.contains("deploy"))
            let away = try await user.call("list", "-g", "http://127.0.0.1:1")
            #expect(away.code == 1 && away.output.hasPrefix("Cannot connect to OpenFaaS on URL: http://127.0.0.1:1"))
            let same = try await Shell.run(user.daemon.environment.faasd, ["fn", "list", "--nosuch"])
            #expect(same.code == 1 && same.output == "Unknown flag: --nosuch\n")
            #expect(try await user.call("completion", "--shell", "bash").output.contains("faas-cli"))
        }
    }
}
