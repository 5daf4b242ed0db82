/// What the autoscaler goes by.
public struct ScalingConfiguration: Sendable {
    /// Whether replicas follow the load. Functions that are idle go to rest in any case.
    public var followsLoad = true
    /// How often it looks.
    public var interval = Duration.seconds(1)
    /// For how long fewer replicas must have been enough before there are fewer.
    public var stableWindow = Duration.seconds(60)

    /// The defaults above.
    public init() {}
}
