import Logging
import ServiceLifecycle

/// Puts a renewed certificate to use without a restart.
struct TLSReloadService: Service {
    private static let interval = Duration.seconds(2)

    let certificates: TLSCertificates
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while (try? await Task.sleep(for: Self.interval)) != nil {
                do {
                    if try certificates.reload() {
                        logger.notice(
                            "the new certificate is in use", metadata: ["file": "\(certificates.files.certificate)"])
                    }
                } catch {
                    // Certificate and key are written one after the other: the next look may find both.
                    logger.warning(
                        "the certificate was not changed; the old one goes on", metadata: ["error": "\(error)"])
                }
            }
        }
    }
}
