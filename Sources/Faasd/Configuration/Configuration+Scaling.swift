import Gateway

/// The settings of the autoscaler.
extension Configuration {
    static func scaling(_ values: SettingValues) throws -> ScalingConfiguration {
        var configuration = ScalingConfiguration()
        configuration.followsLoad = try values.flag(.autoscaling)
        configuration.interval = try values.pause(.autoscalingInterval)
        configuration.stableWindow = try values.duration(.autoscalingStableWindow)
        return configuration
    }
}
