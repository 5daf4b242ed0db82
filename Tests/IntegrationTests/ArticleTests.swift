import Foundation
import TestSupport
import Testing

/// What articles about OpenFaaS tell their readers to type, as they write it, on a machine without a registry and
/// without a network.
@Suite(.serialized) struct ArticleTests {
    @Test func everyCommandOfAnArticleWorks() async throws {
        try await Daemon.with { daemon in
            let user = try CommandLineUser(daemon)
            try await user.importImage("python3", as: "docker.io/library/python:3-slim")
            try await user.importImage("node", as: "docker.io/library/node:lts-slim")
            let password = try String(
                contentsOfFile: daemon.directory + "/data/secrets/basic-auth-password", encoding: .utf8)
            for line in [
                "faas-cli version", "faas-cli login --username admin --password \(password)", "faas-cli template pull",
                "faas-cli template list", "faas-cli new hello-python --lang python3",
                "faas-cli new hello-node --lang node14",
            ] {
                try await must(user, line)
            }
            try user.write(Self.handler, to: "hello-python/handler.py")
            try user.write(Self.stack, to: "stack.yaml")
            for line in [
                "faas-cli build -f hello-python.yml", "faas-cli build -f hello-python.yml --all",
                "faas-cli push -f hello-python.yml", "faas-cli push -f hello-python.yml --all",
                "faas-cli deploy -f hello-python.yml", "faas-cli deploy -f hello-python.yml --all",
                "faas-cli up -f hello-python.yml",
            ] {
                try await must(user, line)
            }
            #expect(try await must(user, "faas-cli list").contains("hello-python                  \t"))
            #expect(try await must(user, "faas-cli invoke hello-python < /dev/null") == "Hello World from OpenFaaS!")
            let john = "Hello John from OpenFaaS!"
            #expect(try await must(user, "printf John | faas-cli invoke hello-python") == john)
            #expect(try await must(user, #"echo '{"name": "John"}' | faas-cli invoke hello-python"#) == john)
            let curl = #"curl -s -X POST \#(daemon.curl.base)/function/hello-python -d '{"name": "John"}'"#
            #expect(try await must(user, curl) == john)
            try await must(user, curl.replacing("/function/", with: "/async-function/"))
            try await must(user, "faas-cli logs hello-python --tail=false")
            // Followed logs end with their reader.
            let followed = try await user.call(["logs", "hello-python", "--tail"], timeLimit: 3)
            #expect(followed.code == 124 && followed.output.contains("Z "))
            #expect(try await must(user, "faas-cli describe hello-python").contains(" READ_TIMEOUT: 10s\n"))
            try await must(user, "faas-cli scale hello-python --replicas 3")
            try await eventually("three replicas") {
                try await must(user, "faas-cli describe hello-python").contains("Available Replicas: 3\n")
            }
            try await must(user, "faas-cli remove hello-python")
            #expect(try await must(user, "faas-cli list -q").isEmpty)
        }
    }

    @discardableResult
    private func must(_ user: CommandLineUser, _ line: String) async throws -> String {
        let outcome = try await user.shell(line)
        guard outcome.code == 0 else {
            throw TestFailure("\(line): status \(outcome.code):\n\(outcome.output)\n\(outcome.error)")
        }
        return outcome.output
    }

    private static let handler = """
        import json

        def handle(req):
            try:
                data = json.loads(req)
                name = data.get("name", "World")
                return f"Hello {name} from OpenFaaS!"
            except json.JSONDecodeError:
                name = req if req else "World"
                return f"Hello {name} from OpenFaaS!"
        """

    /// With the variables where many articles have them.
    private static let stack = """
        version: 1.0
        provider:
          name: openfaas
          gateway: http://127.0.0.1:8080
        functions:
          hello-python:
            lang: python3
            handler: ./hello-python
            image: hello-python:latest
            environment:
              variables:
                READ_TIMEOUT: 10s
                WRITE_TIMEOUT: 10s
                DATABASE_URL: "postgres://user:pass@host:5432/db"
            limits:
              memory: 128Mi
              cpu: 100m
            requests:
              memory: 64Mi
              cpu: 50m
            labels:
              com.openfaas.scale.min: 1
              com.openfaas.scale.max: 10
              com.openfaas.scale.factor: 20
        """
}
