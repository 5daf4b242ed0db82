public import OpenFaaSAPI

/// A function that is called besides by HTTP.
public struct TriggerSubscription: Sendable, Equatable {
    /// The function.
    public let function: FunctionName
    /// Tells a function from an earlier one of the same name: when it was first deployed.
    public let identity: String
    /// The named queue of its calls.
    public let queue: String
    /// What calls it.
    public let settings: TriggerSettings
    /// Which of its annotations breaks its rule, where the provider took it all the same.
    public let problem: String?

    /// Makes a subscription.
    public init(
        function: FunctionName, identity: String, queue: String, settings: TriggerSettings, problem: String? = nil
    ) {
        self.function = function
        self.identity = identity
        self.queue = queue
        self.settings = settings
        self.problem = problem
    }

    /// Its topics as they are told of, the clock first.
    var topics: [String] { (settings.cron == nil ? [] : [CronSettings.topic]) + settings.topics }
}
