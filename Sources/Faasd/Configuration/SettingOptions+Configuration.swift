import Foundation

extension SettingOptions {
    /// The settings as they hold: flags, variables, file and defaults together.
    ///
    /// - Parameter defaults: a command's own, instead of those of ``Setting``.
    func configuration(defaults: [Setting: String] = [:]) throws -> Configuration {
        try Configuration(
            SettingValues(
                flags: values, environment: ProcessInfo.processInfo.environment, file: config, defaults: defaults))
    }

    /// Whether somebody gave a setting: as a flag, a variable, or in the file.
    func isGiven(_ setting: Setting) throws -> Bool {
        try SettingValues(flags: values, environment: ProcessInfo.processInfo.environment, file: config)
            .isGiven(setting)
    }
}
