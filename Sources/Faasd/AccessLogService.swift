import Logging
import Proxy
import ServiceLifecycle
import UnixSignals

/// Keeps the access log: a new file after SIGHUP, which is what log rotation sends, and everything written at the end.
struct AccessLogService: Service {
    let file: AccessLogFile
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            for await _ in await UnixSignalsSequence(trapping: .sighup) {
                do {
                    try await file.reopen()
                    logger.info("access log opened again")
                } catch {
                    logger.error(
                        "access log not opened again, the old file is used on", metadata: ["error": "\(error)"])
                }
            }
        }
    }
}
