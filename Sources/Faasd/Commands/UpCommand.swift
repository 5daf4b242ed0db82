import ArgumentParser
import Foundation
import Logging

/// `faasd up`
struct UpCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "up", abstract: "Run gateway and provider in the foreground.",
        discussion: "SIGTERM ends it when the calls under way have ended; functions go on running.")

    @OptionGroup var settings: SettingOptions

    func run() async throws {
        let configuration = try settings.configuration()
        guard geteuid() == 0 else {
            throw InstallError("faasd needs root to make namespaces, bridges and containers: sudo faasd up")
        }
        var logger = Logger(label: "faasd") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = configuration.logLevel
        try await Daemon(configuration: configuration, logger: logger).run()
    }
}
