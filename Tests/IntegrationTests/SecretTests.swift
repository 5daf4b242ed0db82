import Foundation
import TestSupport
import Testing

/// Secrets in, never out, and seen by functions.
@Suite(.serialized) struct SecretTests {
    private func deployment(_ secrets: String) -> String {
        """
        {"service":"reader","image":"docker.io/faasd/busybox:latest","secrets":[\(secrets)],
         "envProcess":"cat /var/openfaas/secrets/api-key"}
        """
    }

    @Test(arguments: Setup.allCases) func createListUpdateDelete(setup: Setup) async throws {
        try await Daemon.with(setup: setup) { daemon in
            try await daemon.importImage("busybox")
            let admin = try daemon.admin()
            let secret = #"{"name":"api-key","value":"first"}"#
            #expect(try await admin("POST", "/system/secrets", body: secret).status == 201)
            #expect(try await admin("POST", "/system/secrets", body: secret).status == 409)
            let list = try await admin("GET", "/system/secrets")
            #expect(list.body == #"[{"name":"api-key","namespace":"openfaas-fn"}]"#)
            let file = daemon.directory + "/data/secrets/openfaas-fn/api-key"
            #expect(try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int == 0o600)

            #expect(try await admin("POST", "/system/functions", body: deployment(#""api-key""#)).status == 202)
            #expect(try await daemon.curl("GET", "/function/reader").body == "first")
            let bytes = #"{"name":"api-key","rawValue":"c2Vjb25k"}"#
            #expect(try await admin("PUT", "/system/secrets", body: bytes).status == 202)
            #expect(try await daemon.curl("GET", "/function/reader").body == "second")

            let inUse = try await admin("DELETE", "/system/secrets", body: #"{"name":"api-key"}"#)
            #expect(inUse.status == 409 && inUse.body.contains("reader"))
            #expect(
                try await admin("DELETE", "/system/functions", body: #"{"functionName":"reader"}"#).status == 202)
            #expect(try await admin("DELETE", "/system/secrets", body: #"{"name":"api-key"}"#).status == 202)
            #expect(try await admin("DELETE", "/system/secrets", body: #"{"name":"api-key"}"#).status == 404)
            #expect(try await admin("GET", "/system/secrets").body == "[]")
            let copies = try? FileManager.default.contentsOfDirectory(atPath: daemon.directory + "/run/secrets")
            #expect(copies == [])
        }
    }

    @Test(arguments: Setup.allCases) func badNamesAreRefused(setup: Setup) async throws {
        try await Daemon.with(setup: setup) { daemon in
            let admin = try daemon.admin()
            let longest = String(repeating: "n", count: 253)
            let long = "{\"name\":\"\(longest)\",\"value\":\"x\"}"
            #expect(try await admin("POST", "/system/secrets", body: long).status == 201)
            for name in ["../basic-auth-password", "..", "", "a/b", ".hidden"] {
                for method in ["POST", "PUT", "DELETE"] {
                    let answer = try await admin(
                        method, "/system/secrets", body: "{\"name\":\"\(name)\",\"value\":\"x\"}")
                    #expect(answer.status == 400, "\(method) \(name)")
                }
            }
            let elsewhere = #"{"name":"a","namespace":"../..","value":"x"}"#
            #expect(try await admin("POST", "/system/secrets", body: elsewhere).status == 400)
            let nowhere = #"{"name":"a","namespace":"nowhere","value":"x"}"#
            #expect(try await admin("POST", "/system/secrets", body: nowhere).status == 400)
            #expect(try await admin("POST", "/system/secrets", body: #"{"name":"a","rawValue":"?"}"#).status == 400)
            #expect(try await admin("PUT", "/system/secrets", body: #"{"name":"a","value":"x"}"#).status == 404)
        }
    }
}
