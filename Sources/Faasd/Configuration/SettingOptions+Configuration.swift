import Foundation

extension SettingOptions {
    /// The settings as they hold: flags, variables, file and defaults together.
    func configuration() throws -> Configuration {
        try Configuration(
            SettingValues(flags: values, environment: ProcessInfo.processInfo.environment, file: config))
    }
}
