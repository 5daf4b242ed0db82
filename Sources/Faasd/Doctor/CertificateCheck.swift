import Foundation
import NIOSSL

/// Looks at certificate and key, and whether passwords are kept from others.
struct CertificateCheck: Sendable {
    /// Who renews by itself has done so long before.
    private static let soon = 14.0 * 24 * 3600

    func run(_ configuration: Configuration) -> [Finding] {
        var found: [Finding] = []
        do {
            try configuration.checkExposure()
        } catch {
            found.append(.problem("\(error)", fix: "see docs/tls.md; faasd does not start like this"))
        }
        guard let files = configuration.tls.files else { return found }
        do {
            _ = try TLSCertificates(files: files)
            let last = try NIOSSLCertificate.fromPEMFile(files.certificate).map { Double($0.notValidAfter) }.min()
            found.append(Self.finding(files.certificate, end: last ?? 0, now: Date().timeIntervalSince1970))
        } catch {
            found.append(.problem("\(error)", fix: "put both files of one certificate in place; see docs/tls.md"))
        }
        return found
    }

    /// - Parameters:
    ///   - end: of the certificate's time, in seconds since 1970.
    static func finding(_ path: String, end: Double, now: Double) -> Finding {
        let day = Date(timeIntervalSince1970: end).formatted(.iso8601)
        let fix = "renew it (certbot renew); faasd takes the new one by itself"
        if end <= now { return .problem("the certificate \(path) ended at \(day)", fix: fix) }
        if end - now < soon { return .warning("the certificate \(path) ends at \(day)", fix: fix) }
        return .fine("the certificate \(path) holds until \(day)")
    }
}
