import Foundation
import OpenFaaSAPI
import TestSupport
import Testing

/// Namespaces of functions through HTTP.
@Suite(.serialized) struct NamespaceTests {
    private func names(_ daemon: Daemon) async throws -> [String] {
        let answer = try await daemon.admin()("GET", "/system/namespaces")
        return try JSONDecoder().decode([String].self, from: Data(answer.body.utf8))
    }

    @Test(arguments: Setup.allCases) func createDescribeUpdateRemove(setup: Setup) async throws {
        try await Daemon.with(setup: setup) { daemon in
            let admin = try daemon.admin()
            let body = #"{"name":"dev","labels":{"openfaas":"1","team":"a b, c"},"annotations":{"note":"x\ny"}}"#
            #expect(try await admin("POST", "/system/namespace/", body: body).status == 201)
            #expect(try await admin("POST", "/system/namespace/", body: body).status == 409)
            #expect(try await names(daemon) == ["openfaas-fn", "dev"])
            let answer = try await admin("GET", "/system/namespace/dev")
            let namespace = try JSONDecoder().decode(FunctionNamespace.self, from: Data(answer.body.utf8))
            #expect(namespace.labels == ["openfaas": "1", "team": "a b, c"])
            #expect(namespace.annotations == ["note": "x\ny"])
            #expect(try await admin("PUT", "/system/namespace/dev", body: #"{"name":"dev"}"#).status == 202)
            #expect(
                try await admin("GET", "/system/namespace/dev").body == #"{"labels":{"openfaas":"1"},"name":"dev"}"#)
            try await daemon.end(signal: SIGKILL)
            try await daemon.start()
            #expect(try await names(daemon) == ["openfaas-fn", "dev"])
            #expect(try await admin("DELETE", "/system/namespace/dev", body: #"{"name":"dev"}"#).status == 202)
            #expect(try await admin("DELETE", "/system/namespace/dev").status == 404)
            #expect(try await admin("GET", "/system/namespace/dev").status == 404)
            #expect(try await admin("PUT", "/system/namespace/dev", body: "{}").status == 404)
            #expect(try await names(daemon) == ["openfaas-fn"])
        }
    }

    @Test(arguments: Setup.allCases) func badNamesAndTheDefaultOneAreRefused(setup: Setup) async throws {
        try await Daemon.with(setup: setup) { daemon in
            let admin = try daemon.admin()
            for name in ["..", "UPPER", "a_b", "", "k8s.io", "-x"] {
                let body = "{\"name\":\"\(name)\"}"
                #expect(try await admin("POST", "/system/namespace/", body: body).status == 400, "\(name)")
            }
            #expect(try await admin("POST", "/system/namespace/a", body: #"{"name":"b"}"#).status == 400)
            #expect(try await admin("GET", "/system/namespace/..%2fetc").status == 400)
            #expect(try await admin("DELETE", "/system/namespace/openfaas-fn").status == 400)
            #expect(try await admin("POST", "/system/namespace/", body: #"{"name":"openfaas-fn"}"#).status == 409)
            #expect(try await admin("GET", "/system/functions?namespace=none").status == 400)
        }
    }

    @Test(arguments: Setup.allCases) func functionsAndSecretsLiveInTheirNamespace(setup: Setup) async throws {
        try await Daemon.with(setup: setup) { daemon in
            let admin = try daemon.admin()
            #expect(try await admin("POST", "/system/namespace/", body: #"{"name":"dev"}"#).status == 201)
            try await daemon.importImage("busybox")
            for (namespace, value) in [("openfaas-fn", "one"), ("dev", "two")] {
                let secret = "{\"name\":\"key\",\"namespace\":\"\(namespace)\",\"value\":\"\(value)\"}"
                #expect(try await admin("POST", "/system/secrets", body: secret).status == 201)
                let function = """
                    {"service":"f","namespace":"\(namespace)","image":"docker.io/faasd/busybox:latest",
                     "envProcess":"cat /var/openfaas/secrets/key","secrets":["key"]}
                    """
                #expect(try await admin("POST", "/system/functions", body: function).status == 202)
            }
            #expect(try await daemon.curl("GET", "/function/f").body == "one")
            #expect(try await daemon.curl("GET", "/function/f.dev").body == "two")
            // faas-cli puts the default namespace behind whatever it is given.
            #expect(try await daemon.curl("GET", "/function/f.dev.openfaas-fn").body == "two")
            let listed = try await admin("GET", "/system/functions?namespace=dev")
            let functions = try JSONDecoder().decode([FunctionStatus].self, from: Data(listed.body.utf8))
            #expect(functions.map(\.namespace) == ["dev"])
            let inUse = try await admin("DELETE", "/system/namespace/dev")
            #expect(inUse.status == 409 && inUse.body.contains("functions f"))
            let scale = #"{"serviceName":"f","namespace":"dev","replicas":2}"#
            #expect(try await admin("POST", "/system/scale-function/f", body: scale).status == 202)
            let removal = #"{"functionName":"f","namespace":"dev"}"#
            #expect(try await admin("DELETE", "/system/functions", body: removal).status == 202)
            let held = try await admin("DELETE", "/system/namespace/dev")
            #expect(held.status == 409 && held.body.contains("secrets key"))
            let secret = #"{"name":"key","namespace":"dev"}"#
            #expect(try await admin("DELETE", "/system/secrets", body: secret).status == 202)
            #expect(try await admin("DELETE", "/system/namespace/dev").status == 202)
            #expect(try await daemon.curl("GET", "/function/f").body == "one")
        }
    }
}
