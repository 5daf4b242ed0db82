public import Foundation
public import OpenFaaSAPI

/// One field of a head, as it was sent.
public struct HeaderField: Sendable, Equatable {
    /// The name in the sender's case of letters.
    public let name: String
    /// The value; free of line ends.
    public let value: String

    /// Makes a field.
    public init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// What a function is to be sent.
public struct CallRequest: Sendable, Equatable {
    /// The method, such as `POST`.
    public let method: String
    /// Path and query behind the function's name, raw: empty, or begins with `/` or `?`.
    public let target: String
    /// The fields in the order sent, without those of the connection.
    public let headers: [HeaderField]
    /// The whole body.
    public let body: Data

    /// Makes a request.
    public init(method: String, target: String, headers: [HeaderField], body: Data) {
        self.method = method
        self.target = target
        self.headers = headers
        self.body = body
    }

    /// What it takes of the queue's bytes.
    var byteCount: Int { body.count + target.utf8.count + HeaderText.byteCount(headers) }
}

/// A call that is to be kept until it has run.
public struct QueuedCall: Sendable, Equatable {
    /// Its identity, `X-Call-Id`.
    public var id: String
    /// The function.
    public let function: FunctionName
    /// The function as the client wrote it, with or without a namespace (`X-Function-Name`).
    public let spelling: String
    /// The named queue.
    public let queue: String
    /// What the function is to be sent.
    public let request: CallRequest
    /// Where the result goes, if anywhere.
    public let callbackURL: String?
    /// Makes a second call with the same key the same call, for one function.
    public let idempotencyKey: String?
    /// When it was taken, in milliseconds since 1970.
    public let acceptedAt: Int64

    /// Makes a call.
    public init(
        id: String, function: FunctionName, spelling: String, queue: String = AsyncSettings.defaultQueue,
        request: CallRequest, callbackURL: String? = nil, idempotencyKey: String? = nil, acceptedAt: Int64
    ) {
        self.id = id
        self.function = function
        self.spelling = spelling
        self.queue = queue
        self.request = request
        self.callbackURL = callbackURL
        self.idempotencyKey = idempotencyKey
        self.acceptedAt = acceptedAt
    }
}

/// A call that was taken to be run now.
public struct LeasedCall: Sendable {
    /// Its number in the store.
    let number: Int64
    /// The call.
    public let call: QueuedCall
    /// Which attempt this is, from 1 on.
    public let attempt: Int
}

/// What a function answered.
public struct CallAnswer: Sendable, Equatable {
    /// The status.
    public let status: Int
    /// The fields, without those of the connection.
    public let headers: [HeaderField]
    /// The body; empty where nobody asked for it.
    public let body: Data
    /// Whether the body was longer than what is kept, and is left out.
    public let isCut: Bool
    /// Whether the platform gave the answer, not the function (`X-OpenFaaS-Internal`).
    public let isInternal: Bool

    /// Makes an answer.
    public init(
        status: Int, headers: [HeaderField] = [], body: Data = Data(), isCut: Bool = false, isInternal: Bool = false
    ) {
        self.status = status
        self.headers = headers
        self.body = body
        self.isCut = isCut
        self.isInternal = isInternal
    }
}

/// A result that is to be told to the caller's URL now.
public struct LeasedCallback: Sendable {
    /// The call's number in the store.
    let number: Int64
    /// The call's identity.
    public let id: String
    /// The function as the client wrote it.
    public let spelling: String
    /// Where to.
    public let url: String
    /// The answer; status 503 and nothing else where there was none.
    public let answer: CallAnswer
    /// How long the last attempt of the call took.
    public let duration: Duration
    /// How often the call was sent.
    public let attempts: Int
    /// Which attempt of the callback this is, from 1 on.
    public let callbackAttempt: Int
}
