import Foundation
import OpenFaaSAPI
import TestSupport
import Testing

/// Real functions in real containers, through HTTP.
@Suite(.serialized) struct FirstLightTests {
    private let busybox = "docker.io/faasd/busybox:latest"

    private func json(_ deployment: FunctionDeployment) throws -> String {
        String(decoding: try JSONEncoder().encode(deployment), as: UTF8.self)
    }

    private func deploy(
        _ deployment: FunctionDeployment, on daemon: Daemon, method: String = "POST"
    ) async throws -> Curl.Answer {
        try await daemon.admin()(method, "/system/functions", body: try json(deployment))
    }

    private func list(_ daemon: Daemon) async throws -> [FunctionStatus] {
        let answer = try await daemon.admin()("GET", "/system/functions")
        #expect(answer.status == 200)
        return try JSONDecoder().decode([FunctionStatus].self, from: Data(answer.body.utf8))
    }

    @Test(arguments: Setup.allCases) func deployListInvokeUpdateDelete(setup: Setup) async throws {
        try await Daemon.with(setup: setup) { daemon in
            try await daemon.importImage("busybox")
            let admin = try daemon.admin()
            let echo = FunctionDeployment(
                service: "echo", image: busybox, envProcess: "cat", envVars: ["GREETING": "a=b=c"],
                labels: ["team": "one"], annotations: ["topic": "t"])
            #expect(try await deploy(echo, on: daemon).status == 202)
            let answer = try await daemon.curl("POST", "/function/echo", body: "hello")
            #expect(answer.status == 200)
            #expect(answer.body == "hello")
            #expect(answer.headers["x-call-id"]?.count == 36)
            #expect(Double(answer.headers["x-duration-seconds"] ?? "") != nil)
            #expect(try await daemon.curl("GET", "/function/echo.openfaas-fn/a/b?x=1").status == 200)

            let status = try #require(try await list(daemon).first)
            #expect(status.name == "echo" && status.image == busybox)
            #expect(status.envVars == ["GREETING": "a=b=c"] && status.labels == ["team": "one"])
            #expect(status.replicas == 1 && status.availableReplicas == 1)
            #expect(status.invocationCount == 2)

            #expect(try await deploy(echo, on: daemon).status == 409)
            var upper = echo
            upper.envProcess = "tr a-z A-Z"
            #expect(try await deploy(upper, on: daemon, method: "PUT").status == 202)
            #expect(try await daemon.curl("POST", "/function/echo", body: "hello").body == "HELLO")
            let described = try await admin("GET", "/system/function/echo?usage=1")
            #expect(described.status == 200 && described.body.contains("\"envProcess\":\"tr a-z A-Z\""))

            #expect(
                try await admin("DELETE", "/system/functions", body: "{\"functionName\":\"echo\"}").status == 202)
            #expect(try await list(daemon).isEmpty)
            #expect(try await daemon.curl("POST", "/function/echo", body: "x").status == 404)
            #expect(try await admin("GET", "/system/function/echo").status == 404)
        }
    }

    @Test(arguments: Setup.allCases) func theFunctionSeesTheRequest(setup: Setup) async throws {
        try await Daemon.with(setup: setup) { daemon in
            try await daemon.importImage("busybox")
            let env = FunctionDeployment(
                service: "env", image: busybox, envProcess: "env", envVars: ["lines": "one\ntwo"])
            #expect(try await deploy(env, on: daemon).status == 202)
            for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
                let answer = try await daemon.curl(
                    method, "/function/env/some%2Fpath?testing=1", headers: ["X-Custom: yes"])
                #expect(answer.status == 200)
                #expect(answer.body.contains("Http_Method=\(method)\n"))
                #expect(answer.body.contains("Http_Query=testing=1\n"))
                #expect(answer.body.contains("Http_Path=/some/path\n"))
                #expect(answer.body.contains("Http_X_Custom=yes\n"))
                // Each half names the peer that it was called by.
                let peers = setup == .split ? "127.0.0.1, 127.0.0.1" : "127.0.0.1"
                #expect(answer.body.contains("Http_X_Forwarded_For=\(peers)\n"))
                #expect(answer.body.contains("lines=one\ntwo\n"))
            }
        }
    }

    @Test(arguments: Setup.allCases) func sixtyFourMegabytesBothWays(setup: Setup) async throws {
        try await Daemon.with(setup: setup) { daemon in
            try await daemon.importImage("busybox")
            let cat = FunctionDeployment(service: "cat", image: busybox, envProcess: "cat")
            #expect(try await deploy(cat, on: daemon).status == 202)
            let sent = daemon.directory + "/sent"
            let received = daemon.directory + "/received"
            try await Shell.must("dd", ["if=/dev/urandom", "of=\(sent)", "bs=1M", "count=64", "status=none"])
            let code = try await Shell.must(
                "curl",
                [
                    "-sS", "--max-time", "120", "-T", sent, "-X", "POST", "-o", received, "-w", "%{http_code}",
                    daemon.curl.base + "/function/cat",
                ])
            #expect(code == "200")
            #expect(try await Shell.run("cmp", [sent, received]).code == 0)
        }
    }

    @Test func aHundredCallsAtOnce() async throws {
        try await Daemon.with { daemon in
            try await daemon.importImage("busybox")
            let cat = FunctionDeployment(service: "cat", image: busybox, envProcess: "cat")
            #expect(try await deploy(cat, on: daemon).status == 202)
            try await withThrowingTaskGroup(of: Curl.Answer.self) { group in
                for number in 0..<100 {
                    group.addTask { try await daemon.curl("POST", "/function/cat", body: "call \(number)") }
                }
                var bodies: Set<String> = []
                for try await answer in group {
                    #expect(answer.status == 200)
                    bodies.insert(answer.body)
                }
                #expect(bodies.count == 100)
            }
            #expect(try await list(daemon).first?.invocationCount == 100)
        }
    }
}
