/// How a store of streams behaves towards the server and other nodes.
public struct JetStreamSettings: Sendable {
    /// After so long without a word from the node that runs a call, another one may run it.
    public var takeover = Duration.seconds(30)
    /// The longest that a call is given back for at once; its own time counts, this is for tests of other clocks.
    var longestDelay = Duration.seconds(3600)

    /// The defaults above.
    public init() {}

    /// How often a running call is reported as running.
    var reportInterval: Duration { takeover / 3 }
}
