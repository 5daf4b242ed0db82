import TestSupport
import Testing

/// containerd goes away and comes back; the daemon stays.
struct ContainerdDownTests {
    private let body = #"{"service":"f","image":"docker.io/faasd/busybox:latest","envProcess":"cat"}"#

    @Test func functionsGoOnAndDeploymentsWait() async throws {
        try await Containerd.with { containerd in
            try await Daemon.with(containerd: containerd.address) { daemon in
                try await daemon.importImage("busybox")
                let admin = try daemon.admin()
                #expect(try await admin("POST", "/system/functions", body: body).status == 202)

                try await containerd.end()
                let refused = try await admin("POST", "/system/functions", body: body.replacing("\"f\"", with: "\"g\""))
                #expect(refused.status == 503 && refused.body.contains("containerd"), "\(refused.body)")
                let deletion = try await admin("DELETE", "/system/functions", body: #"{"functionName":"f"}"#)
                #expect(deletion.status == 503)
                #expect(try await daemon.curl("POST", "/function/f", body: "calls go on").body == "calls go on")
                #expect(try await admin("GET", "/system/functions").body.contains("\"name\":\"f\""))

                try await containerd.start()
                try await eventually("deployments are taken again") {
                    try await admin("POST", "/system/functions", body: body.replacing("\"f\"", with: "\"g\"")).status
                        == 202
                }
                #expect(try await daemon.curl("POST", "/function/g", body: "x").body == "x")
                #expect(try await daemon.curl("POST", "/function/f", body: "x").body == "x")
            }
        }
    }
}
