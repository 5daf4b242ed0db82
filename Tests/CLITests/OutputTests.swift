import OpenFaaSAPI
import Testing

@testable import CLI

/// What commands print, to the blank: scripts read it.
struct OutputTests {
    private func status(_ name: String, invocations: Double = 0, created: String = "") throws -> FunctionStatus {
        FunctionStatus(
            name: try FunctionName(name), deployment: FunctionDeployment(service: name, image: "img/\(name):latest"),
            invocationCount: invocations, replicas: 1, availableReplicas: 1, createdAt: created)
    }

    @Test func theListHasTheKnownColumns() throws {
        let functions = [try status("hello", invocations: 12, created: "2023-07-04T16:17:24Z")]
        #expect(
            ListCommand.table(functions, verbose: false) == """
                Function                      \tInvocations    \tReplicas
                hello                         \t12             \t1    \n
                """)
        #expect(
            ListCommand.table(functions, verbose: true) == """
                Function                      \tImage                                   \tInvocations    \tReplicas\tCreatedAt
                hello                         \timg/hello:latest                        \t12             \t1    \t\t2023-07-04 16:17:24 +0000 UTC\n
                """)
    }

    @Test func theListIsSorted() throws {
        let functions = [
            try status("b", invocations: 1, created: "2024-01-01T00:00:00Z"),
            try status("a", invocations: 2, created: "2025-01-01T00:00:00Z"),
        ]
        #expect(ListCommand.sort(functions, by: .name).map(\.name) == ["a", "b"])
        #expect(ListCommand.sort(functions, by: .invocations).map(\.name) == ["a", "b"])
        #expect(ListCommand.sort(functions, by: .creation).map(\.name) == ["b", "a"])
    }

    @Test func aFunctionIsDescribed() throws {
        var function = try status("hello", invocations: 3)
        function.envVars = ["b": "2", "a": "1"]
        function.secrets = ["key"]
        function.limits = FunctionResources(memory: "128Mi", cpu: "100m")
        function.usage = FunctionUsage(cpu: 12, totalMemoryBytes: 3_145_728)
        let description = Description(
            status: function, address: try GatewayAddress("http://gw"), namespace: "")
        #expect(
            description.text(verbose: false) == """
                Name:               hello
                Status:             Ready
                Replicas:           1
                Available Replicas: 1
                Invocations:        3
                Image:              img/hello:latest
                Function Process:   <default>
                URL:                http://gw/function/hello
                Async URL:          http://gw/async-function/hello
                Environment:
                 a: 1
                 b: 2
                Secrets:
                 - key
                Limits:
                 CPU: 100m
                 Memory: 128Mi
                Usage:
                  RAM:  3.00 MB
                  CPU:  12 Mi

                """)
        #expect(description.text(verbose: true).contains("Constraints:         <none>\n"))
        #expect(try description.json().contains("\"asyncUrl\" : \"http://gw/async-function/hello\""))
    }

    @Test func timesOfLogs() {
        let stamp = "2026-11-24T15:04:05.123456Z"
        #expect(LogTimeLayout(nil).text(stamp) == "2026-11-24T15:04:05Z")
        #expect(LogTimeLayout("rfc3339nano").text(stamp) == stamp)
        #expect(LogTimeLayout("").text(stamp) == nil)
        #expect(LogTimeLayout("2006-01-02 15:04:05").text(stamp) == "2026-11-24 15:04:05")
        #expect(LogTimeLayout("rfc850").text(stamp)?.hasPrefix("Tuesday, 24-Nov-26 15:04:05") == true)
        #expect(LogTimeLayout.translate("at 15h") == "'a''t' HH'h'")
    }

    @Test func resourcesOfKubernetes() {
        var function = StackFunction(name: "hello")
        function.image = "me/hello:latest"
        function.environment = ["A": "true"]
        function.secrets = ["key"]
        function.limits = FunctionResources(memory: "128Mi")
        #expect(
            KubernetesResource.function(function, namespace: "openfaas-fn") == """
                ---
                apiVersion: openfaas.com/v1
                kind: Function
                metadata:
                  name: hello
                  namespace: openfaas-fn
                spec:
                  name: hello
                  image: me/hello:latest
                  environment:
                    A: "true"
                  secrets:
                  - key
                  limits:
                    memory: "128Mi"

                """)
        #expect(KubernetesResource.knative(function, namespace: "x").contains("secretName: key"))
    }
}
