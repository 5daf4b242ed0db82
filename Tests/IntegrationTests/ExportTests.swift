import Foundation
import OpenFaaSAPI
import TestSupport
import Testing

/// The desired state, carried from one daemon to another.
@Suite(.serialized) struct ExportTests {
    @Test func anotherDaemonGetsAllOfIt() async throws {
        let file = NSTemporaryDirectory() + "faasd-state-\(UUID().uuidString).yaml"
        defer { unlink(file) }
        try await Daemon.with { daemon in
            try await daemon.importImage("busybox")
            let admin = try daemon.admin()
            #expect(
                try await admin("POST", "/system/namespace/team", body: #"{"name":"team","labels":{"a":"1"}}"#).status
                    == 201)
            #expect(
                try await admin("POST", "/system/secrets", body: #"{"name":"s","namespace":"team","value":"hidden"}"#)
                    .status == 201)
            let body = """
                {"service":"f","namespace":"team","image":"docker.io/faasd/busybox:latest","secrets":["s"],\
                "envProcess":"cat /var/openfaas/secrets/s"}
                """
            #expect(try await admin("POST", "/system/functions", body: body).status == 202)
            let plain = try await daemon.faasd("export")
            #expect(plain.code == 0 && plain.output.contains("service: f") && !plain.output.contains("aGlkZGVu"))
            let written = try await daemon.faasd("export", "--secrets", "--output", file)
            #expect(written.code == 0, "\(written)")
            let permissions = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
            #expect(permissions == 0o600)
            let same = try await daemon.faasd("import", file)
            #expect(
                same.code == 0 && !same.output.contains("update") && !same.output.contains("deploy"), "\(same.output)")
        }
        try await Daemon.with { daemon in
            try await daemon.importImage("busybox")
            let planned = try await daemon.faasd("import", "--dry-run", file)
            #expect(planned.code == 0 && planned.output.contains("deploy function f.team"), "\(planned)")
            let made = try await daemon.faasd("import", file)
            #expect(made.code == 0, "\(made)")
            try await eventually("the function has its secret") {
                try await daemon.curl("GET", "/function/f.team").body == "hidden"
            }
            let again = try await daemon.faasd("import", file)
            #expect(again.output.split(separator: "\n").allSatisfy { $0.hasPrefix("unchanged ") }, "\(again.output)")
        }
    }
}
