import Foundation
import TestSupport
import Testing

/// A daemon with HTTPS.
@Suite(.serialized) struct TLSTests {
    private func makeCertificate(in folder: String, name: String) async throws {
        try await Shell.must(
            "openssl",
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                "-subj", "/CN=\(name)", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", folder + "/key.pem",
                "-out",
                folder + "/cert.pem",
            ])
    }

    private func addresses(_ daemon: Daemon) throws -> [String] {
        let log = try String(contentsOfFile: daemon.directory + "/up.log", encoding: .utf8)
        let line = log.split(separator: "\n").last { $0.contains("faasd serves") } ?? ""
        return line.matches(of: /[0-9]+[.][0-9.]+:[0-9]+/).map { String($0.output) }
    }

    @Test func aCertificateIsRenewedWithoutARestart() async throws {
        let folder = NSTemporaryDirectory() + "faasd-tls-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try await makeCertificate(in: folder, name: "one")
        let arguments = [
            "--tls-listen", "127.0.0.1:0", "--tls-certificate", folder + "/cert.pem", "--tls-key", folder + "/key.pem",
        ]
        try await Daemon.with(arguments: arguments) { daemon in
            // Behind the address of the port and that of the bridge.
            try await eventually("the addresses are told") { try addresses(daemon).count > 2 }
            let all = try addresses(daemon)
            let url = "https://\(all[2])"
            func get(_ path: String) async throws -> Shell.Outcome {
                try await Shell.run(
                    "curl", ["-s", "-v", "--noproxy", "*", "--cacert", folder + "/cert.pem", url + path])
            }
            #expect(try await get("/system/functions").output.contains("invalid credentials"))
            #expect(try await get("/healthz").error.contains("CN=one"))
            try await makeCertificate(in: folder, name: "two")
            try await eventually("the new certificate is used") { try await get("/healthz").error.contains("CN=two") }
            #expect(try await daemon.curl("GET", "/healthz").status == 200)
        }
    }

    @Test func anAddressForOthersWithoutEncryptionIsRefused() async throws {
        let environment = try TestEnvironment()
        let folder = NSTemporaryDirectory() + "faasd-tls-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for command in [["up"], ["gateway", "--provider-url", "http://127.0.0.1:1"]] {
            let outcome = try await Shell.run(
                "timeout", ["20", environment.faasd] + command + ["--data-dir", folder, "--listen", "0.0.0.0:1"])
            #expect(
                outcome.code == 1 && outcome.error.contains("0.0.0.0:1 can be reached from other machines"),
                "\(outcome)")
        }
        #expect(!FileManager.default.fileExists(atPath: folder))
    }
}
