import Foundation
import Logging
import NIOCore
import NIOPosix
import OpenFaaSAPI
import Proxy
import Testing

@testable import Faasd

/// Encrypted connections, with certificates that openssl makes.
@Suite(.serialized) struct TLSTests {
    private struct Folder {
        let path = NSTemporaryDirectory() + "faasd-tls-\(UUID().uuidString)"
        var files: TLSFiles { TLSFiles(certificate: path + "/cert.pem", key: path + "/key.pem") }

        init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }

        func remove() { try? FileManager.default.removeItem(atPath: path) }

        func makeCertificate(_ name: String) throws {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            process.arguments = [
                "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                "-days", "2", "-subj", "/CN=\(name)", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", files.key,
                "-out", files.certificate,
            ]
            process.standardError = FileHandle.nullDevice
            try process.run()
            process.waitUntilExit()
            try #require(process.terminationStatus == 0)
        }
    }

    private struct Hello: Fallback {
        func respond(to request: FallbackRequest, writer: FallbackWriter) async {
            let body = "hello \(request.target)"
            try? await writer.writeHead(status: 200, headers: [(name: "Content-Length", value: "\(body.utf8.count)")])
            try? await writer.write(ByteBuffer(string: body))
            try? await writer.finish()
        }
    }

    private struct NoWaker: Waker {
        func wake(_ name: FunctionName) -> [ReplicaEndpoint] { [] }
    }

    private func curl(_ arguments: String...) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["curl", "-s", "-i", "--max-time", "20"] + arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let data = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return String(decoding: data, as: UTF8.self)
    }

    private func withProxy(
        _ certificates: TLSCertificates, redirect: PlainRedirect? = nil, _ body: ([BoundAddress]) async throws -> Void
    ) async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        var configuration = ProxyConfiguration(
            listen: [ListenAddress(host: "127.0.0.1", port: 0)], servedBy: "faasd/test")
        configuration.secure = SecureListening(
            listen: [ListenAddress(host: "127.0.0.1", port: 0)], security: certificates)
        configuration.redirect = redirect
        let server = ProxyServer(
            configuration: configuration, fallback: Hello(), waker: NoWaker(), group: group, logger: .init(label: "t"))
        let bound = try await server.start()
        do {
            try await body(bound)
        } catch {
            await server.shutdown(grace: .zero)
            try await group.shutdownGracefully()
            throw error
        }
        await server.shutdown(grace: .zero)
        try await group.shutdownGracefully()
    }

    @Test func requestsAreServedEncryptedAndARenewedCertificateIsUsed() async throws {
        let folder = try Folder()
        defer { folder.remove() }
        try folder.makeCertificate("one")
        let certificates = try TLSCertificates(files: folder.files)
        try await withProxy(certificates) { bound in
            let url = "https://127.0.0.1:\(bound[1].port)/x?y"
            let first = try curl("--cacert", folder.files.certificate, url, url)
            // Two requests on one connection.
            #expect(
                first.components(separatedBy: "hello /x?y").count == 3 && first.hasPrefix("HTTP/1.1 200"), "\(first)")
            #expect(try curl("http://127.0.0.1:\(bound[0].port)/z").contains("hello /z"))
            #expect(try !certificates.reload())
            try folder.makeCertificate("two")
            #expect(try certificates.reload())
            #expect(try curl("--cacert", folder.files.certificate, url).contains("hello /x?y"))
            // Bytes that are not TLS end the connection and nothing else.
            _ = try curl("http://127.0.0.1:\(bound[1].port)/plain")
            #expect(try curl("--cacert", folder.files.certificate, url).contains("hello /x?y"))
        }
    }

    @Test func theOldCertificateGoesOnWhenTheNewOneCannotBeUsed() throws {
        let folder = try Folder()
        defer { folder.remove() }
        try folder.makeCertificate("one")
        let certificates = try TLSCertificates(files: folder.files)
        let key = try String(contentsOfFile: folder.files.key, encoding: .utf8)
        try folder.makeCertificate("two")
        try key.write(toFile: folder.files.key, atomically: true, encoding: .utf8)
        #expect(throws: InstallError.self) { try certificates.reload() }
        // It is looked at once, not again and again.
        #expect(try !certificates.reload())
        _ = try certificates.makeHandler()
        #expect(throws: InstallError.self) { try TLSCertificates(files: folder.files) }
        #expect(throws: InstallError.self) { try TLSCertificates(files: TLSFiles(certificate: "/nothing", key: "/no")) }
    }

    @Test func clientsOfThisMachineAreNotSentElsewhere() async throws {
        let folder = try Folder()
        defer { folder.remove() }
        try folder.makeCertificate("one")
        try await withProxy(try TLSCertificates(files: folder.files), redirect: PlainRedirect(port: 8443)) { bound in
            let answer = try curl("http://127.0.0.1:\(bound[0].port)/z")
            #expect(answer.contains("hello /z"))
        }
    }

    private func exposure(_ flags: [Setting: String]) -> String? {
        do {
            let values = try SettingValues(flags: flags, environment: ["FAASD_DATA_DIR": "/nonexistent"], file: nil)
            try Configuration(values).checkExposure()
            return nil
        } catch {
            return "\(error)"
        }
    }

    @Test func systemdHoldsTheEncryptedPortsToo() throws {
        let values = try SettingValues(
            flags: [
                .tlsListen: "0.0.0.0:8443", .tlsCertificate: "/c", .tlsKey: "/k", .metricsListen: "127.0.0.1:8082",
            ],
            environment: ["FAASD_DATA_DIR": "/nonexistent"], file: nil)
        #expect(Units(try Configuration(values)).entrances.map(\.port) == [8080, 8080, 8443, 8082])
    }

    @Test func passwordsAreNotSentInTheClearUnlessAskedFor() {
        #expect(exposure([:]) == nil && exposure([.listen: "127.0.0.2:80,[::1]:81,10.62.0.1:80"]) == nil)
        let refusal = exposure([.listen: "127.0.0.1:8080,0.0.0.0:8080"]) ?? ""
        #expect(refusal.contains("0.0.0.0:8080 can be reached") && refusal.contains("allow-plain-http"))
        #expect(exposure([.listen: "0.0.0.0:8080", .allowPlainHTTP: "true"]) == nil)
        let tls: [Setting: String] = [.tlsListen: "0.0.0.0:8443", .tlsCertificate: "/c", .tlsKey: "/k"]
        #expect(exposure(tls) == nil)
        #expect(exposure(tls.merging([.listen: "0.0.0.0:80"]) { $1 })?.contains("tls-redirect") == true)
        #expect(exposure(tls.merging([.listen: "0.0.0.0:80", .tlsRedirect: "true"]) { $1 }) == nil)
        #expect(exposure([.tlsRedirect: "true"])?.contains("needs tls-listen") == true)
        #expect(exposure([.tlsListen: "0.0.0.0:1", .tlsKey: "/k"])?.contains("tls-certificate") == true)
        #expect(exposure([.tlsListen: "0.0.0.0:1", .tlsCertificate: "/k"])?.contains("tls-key") == true)
        #expect(exposure([.tlsKey: "/k"])?.contains("tls-listen") == true)
    }
}
