public import Foundation
public import OpenFaaSAPI

/// Something that calls functions by itself: the clock, a folder, a broker.
public protocol EventSource: Sendable {
    /// Names it in metrics and in the list of triggers.
    var name: String { get }
    /// What functions are told of it, `X-Connector`: where OpenFaaS has a connector for it, that one's name.
    var connector: String { get }
    /// Whether what a function names as a topic is its affair.
    func serves(_ topic: String) -> Bool
    /// Hands events to the desk until its task is cancelled.
    ///
    /// What an event came from is given up only after ``TriggerDesk/deliver(_:)`` has returned: from then on it is in
    /// the queue, which keeps it, tries it again and tells of it.
    func run(_ desk: TriggerDesk) async
}

/// Something happened that functions are called for.
public struct TriggerEvent: Sendable {
    /// The topic by which functions asked for it.
    public let topic: String
    /// What they are told the topic was, `X-Topic`; another than the topic where that is a pattern.
    public var subject: String
    /// The only function that it is for; `nil` for all that have the topic.
    public var function: FunctionName?
    /// Makes the same event, delivered twice, one call. Not such as clients can send, so that none can forestall it.
    public let key: String?
    /// The body that functions get.
    public let body: Data
    /// What the body is.
    public let contentType: String
    /// Fields besides, free of line ends.
    public var headers: [HeaderField] = []

    /// Makes an event for all functions that have the topic.
    public init(topic: String, key: String?, body: Data, contentType: String) {
        self.topic = topic
        subject = topic
        self.key = key
        self.body = body
        self.contentType = contentType
    }
}

/// A call that an event has become.
public struct DeliveredCall: Sendable, Equatable {
    /// The function.
    public let function: FunctionName
    /// `X-Call-Id`, by which the queue is asked for it.
    public let id: String
    /// Whether it had become that call before.
    public let isRepeated: Bool
}
