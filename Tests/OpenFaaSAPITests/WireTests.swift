import Foundation
import OpenFaaSAPI
import Testing

/// The JSON that faas-cli sends and expects.
struct WireTests {
    private func encoded(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    @Test func readsWhatFaasCLISends() throws {
        let text = """
            {"service":"hello","image":"hello:latest","network":"","envProcess":"cat","envVars":{"a":"b=c=d\\nx"},
             "labels":{},"annotations":{"topic":"t"},"limits":{"memory":"40Mi"},"readOnlyRootFilesystem":true,"extra":1}
            """
        let deployment = try JSONDecoder().decode(FunctionDeployment.self, from: Data(text.utf8))
        #expect(deployment.service == "hello")
        #expect(deployment.envVars == ["a": "b=c=d\nx"])
        #expect(deployment.limits == FunctionResources(memory: "40Mi"))
        #expect(deployment.readOnlyRootFilesystem == true)
        #expect(deployment.namespace == nil)
    }

    @Test func aMissingNameIsEmpty() throws {
        #expect(try JSONDecoder().decode(FunctionDeployment.self, from: Data("{}".utf8)).service == "")
        #expect(try JSONDecoder().decode(DeleteFunctionRequest.self, from: Data("{}".utf8)).functionName == "")
    }

    @Test func statusLeavesOutWhatIsZero() throws {
        let deployment = FunctionDeployment(service: "f", image: "i:1")
        let status = FunctionStatus(
            name: try FunctionName("f"), deployment: deployment, invocationCount: 0, replicas: 0, availableReplicas: 0,
            createdAt: "2026-01-02T03:04:05Z")
        #expect(
            try encoded(status) == """
                {"annotations":{},"createdAt":"2026-01-02T03:04:05Z","image":"i:1","labels":{},"name":"f",\
                "namespace":"openfaas-fn"}
                """)
    }

    @Test func statusRoundTrips() throws {
        let deployment = FunctionDeployment(
            service: "f", image: "i:1", envProcess: "cat", envVars: ["a": "b"], secrets: ["s"], labels: ["l": "1"],
            annotations: ["x": "y"], limits: FunctionResources(memory: "5Mi", cpu: "100m"),
            readOnlyRootFilesystem: true)
        let status = FunctionStatus(
            name: try FunctionName("f", namespace: "dev"), deployment: deployment, invocationCount: 7, replicas: 2,
            availableReplicas: 1, createdAt: "2026-01-02T03:04:05Z")
        let data = try JSONEncoder().encode(status)
        #expect(try JSONDecoder().decode(FunctionStatus.self, from: data) == status)
    }
}
