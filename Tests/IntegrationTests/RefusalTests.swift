import Foundation
import TestSupport
import Testing

/// Bad input gets a sentence and leaves nothing.
@Suite(.serialized) struct RefusalTests {
    @Test(arguments: Setup.allCases) func theControlPlaneAsksForThePassword(setup: Setup) async throws {
        try await Daemon.with(setup: setup) { daemon in
            for path in ["/system/functions", "/system/function/x", "/system/info", "/system/namespaces"] {
                let answer = try await daemon.curl("GET", path)
                #expect(answer.status == 401, "\(path)")
                #expect(answer.headers["www-authenticate"] == "Basic realm=\"Restricted\"")
                #expect(answer.body.hasPrefix("invalid credentials"))
                let wrong = Curl(base: daemon.curl.base, credentials: "admin:wrong")
                #expect(try await wrong("GET", path).status == 401)
            }
            let admin = try daemon.admin()
            for path in ["/system/functions", "/system/info", "/system/namespaces", "/ui/"] {
                #expect(try await admin("GET", path).status == 200, "\(path)")
            }
            #expect(try await daemon.curl("GET", "/healthz").status == 200)
            #expect(try await daemon.curl("GET", "/nowhere").body == "404 page not found\n")
            #expect(try await daemon.curl("PATCH", "/system/functions").status == 405)
            #expect(try await daemon.curl("GET", "/").status == 307)
            let password = daemon.directory + "/data/secrets/basic-auth-password"
            let attributes = try FileManager.default.attributesOfItem(atPath: password)
            #expect(attributes[.posixPermissions] as? Int == 0o600)
        }
    }

    @Test(arguments: Setup.allCases) func badNamesAre400OnEveryVerb(setup: Setup) async throws {
        try await Daemon.with(setup: setup) { daemon in
            let admin = try daemon.admin()
            for name in ["..", "../../etc/passwd", "a/b", "a b", "", "x\\u0000", "-x"] {
                for method in ["POST", "PUT"] {
                    let body = "{\"service\":\"\(name)\",\"image\":\"alpine\"}"
                    let answer = try await admin(method, "/system/functions", body: body)
                    #expect(answer.status == 400, "\(method) \(name)")
                    #expect(answer.body.hasPrefix("invalid function name"))
                }
                let answer = try await admin("DELETE", "/system/functions", body: "{\"functionName\":\"\(name)\"}")
                #expect(answer.status == 400, "DELETE \(name)")
                let namespaced = "{\"service\":\"f\",\"image\":\"alpine\",\"namespace\":\"\(name)\"}"
                if !name.isEmpty {
                    #expect(try await admin("POST", "/system/functions", body: namespaced).status == 400)
                    #expect(try await admin("PUT", "/system/functions", body: namespaced).status == 400)
                }
            }
            for path in [
                "/system/function/..%2f..%2fetc", "/system/function/..", "/system/function/%2e%2e",
                "/system/functions?namespace=..%2f..", "/system/function/x?namespace=../etc",
                "/function/..%2f..%2fetc", "/function/../../etc/passwd",
            ] {
                #expect(try await admin("GET", path).status == 400, "\(path)")
            }
            #expect(try await admin("POST", "/system/functions", body: "{").status == 400)
            #expect(try await admin("POST", "/system/functions", body: "").status == 400)
            #expect(try await admin("POST", "/system/functions", body: "{\"labels\":true}").status == 400)
        }
    }

    @Test(arguments: Setup.allCases) func aFailedDeploymentLeavesNothing(setup: Setup) async throws {
        try await Daemon.with(setup: setup) { daemon in
            try await daemon.importImage("busybox")
            let admin = try daemon.admin()
            let attempts: [(body: String, words: String)] = [
                (#"{"service":"f","image":"127.0.0.1:1/no/such:image"}"#, "127.0.0.1:1/no/such:image"),
                (#"{"service":"f","image":"docker.io/faasd/busybox:latest","secrets":["nope"]}"#, "nope"),
                (#"{"service":"f","image":"docker.io/faasd/busybox:latest","namespace":"nowhere"}"#, "nowhere"),
                (
                    #"{"service":"f","image":"docker.io/faasd/busybox:latest","annotations":{"com.openfaas.watchdog":"image"}}"#,
                    "ended"
                ),
                (#"{"service":"f","image":"docker.io/faasd/busybox:latest","limits":{"memory":"1Ki"}}"#, "4Mi"),
                (#"{"service":"f","image":"docker.io/faasd/busybox:latest","constraints":["gpu=yes"]}"#, "gpu"),
            ]
            for (body, words) in attempts {
                let answer = try await admin("POST", "/system/functions", body: body)
                #expect(answer.status == 400, "\(body): \(answer.status) \(answer.body)")
                #expect(answer.body.contains(words), "\(answer.body)")
            }
            #expect(try await admin("GET", "/system/functions").body == "[]")
            #expect(try await daemon.leftovers().filter { $0.hasPrefix("container") || $0.hasPrefix("netns") } == [])
            let addresses = daemon.directory + "/run/cni"
            let leases = FileManager.default.enumerator(atPath: addresses)?.compactMap { $0 as? String } ?? []
            #expect(leases.filter { ($0 as NSString).lastPathComponent.hasPrefix("10.") } == [])
        }
    }

    @Test func aFailedUpdateKeepsTheOldDeployment() async throws {
        try await Daemon.with { daemon in
            try await daemon.importImage("busybox")
            let admin = try daemon.admin()
            let good = #"{"service":"f","image":"docker.io/faasd/busybox:latest","envProcess":"cat"}"#
            #expect(try await admin("POST", "/system/functions", body: good).status == 202)
            let bad =
                #"{"service":"f","image":"docker.io/faasd/busybox:latest","annotations":{"com.openfaas.watchdog":"image"}}"#
            let answer = try await admin("PUT", "/system/functions", body: bad)
            #expect(answer.status == 400, "\(answer.body)")
            #expect(try await daemon.curl("POST", "/function/f", body: "still").body == "still")
            #expect(try await admin("GET", "/system/function/f").body.contains("\"envProcess\":\"cat\""))
        }
    }

    @Test func withoutContainerdTheDaemonStaysUp() async throws {
        try await Daemon.with(arguments: ["--containerd-address", "/nonexistent/containerd.sock"]) { daemon in
            let admin = try daemon.admin()
            let body = #"{"service":"f","image":"docker.io/faasd/busybox:latest"}"#
            let answer = try await admin("POST", "/system/functions", body: body)
            #expect(answer.status == 503)
            #expect(answer.body.contains("containerd"))
            #expect(try await daemon.curl("GET", "/healthz").status == 200)
            #expect(try await admin("GET", "/system/functions").body == "[]")
        }
    }
}
