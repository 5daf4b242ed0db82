import Foundation
import OpenFaaSAPI

extension CallState: Codable {}
extension CallbackState: Codable {}

/// A call as the streams have it: as JSON it is the head of the call's message, and later its record.
struct StoredCall: Codable, Sendable, Equatable {
    /// The number of the call's message in the stream of calls; 0 within that message itself.
    var sequence: UInt64
    var id: String
    /// `NAME.NAMESPACE`.
    var function: String
    var spelling: String
    var queue: String
    var method: String
    var target: String
    /// How many bytes of the message are the request's fields; the body is what follows.
    var fieldBytes: Int
    /// Bytes of the request that are still kept.
    var bytes: Int
    var acceptedAt: Int64
    var key: String?
    var callbackURL: String?
    var state = CallState.waiting
    var attempts = 0
    var dueAt: Int64
    var startedAt: Int64?
    var finishedAt: Int64?
    var status: Int?
    var error: String?
    var microseconds: Int64?
    var callback = CallbackState.none
    var callbackAttempts = 0
    var callbackDue: Int64?
    var callbackError: String?
    /// Bytes of the answer that is to be told.
    var answerBytes = 0
    /// Which node wrote this.
    var node: String?
    /// When it was finished in every respect.
    var retiredAt: Int64?

    init(_ call: QueuedCall, fields: String) {
        sequence = 0
        id = call.id
        function = "\(call.function)"
        spelling = call.spelling
        queue = call.queue
        method = call.request.method
        target = call.request.target
        fieldBytes = fields.utf8.count
        bytes = call.request.byteCount
        acceptedAt = call.acceptedAt
        key = call.idempotencyKey
        callbackURL = call.callbackURL
        dueAt = call.acceptedAt
    }

    var json: String {
        get throws { String(decoding: try JSONEncoder().encode(self), as: UTF8.self) }
    }

    /// Reads a head or a record, and refuses what cannot be one: whoever may write into the streams should not be able to
    /// do more than call functions.
    ///
    /// - Throws: ``QueueError`` with code `storeFailed`.
    init(json: some Collection<UInt8>, sequence: UInt64? = nil) throws {
        do {
            self = try JSONDecoder().decode(StoredCall.self, from: Data(json))
            self.sequence = sequence ?? self.sequence
            guard isSound else { throw CocoaError(.coderReadCorrupt) }
        } catch {
            throw QueueError(
                .storeFailed, "a stream has a call that cannot be read; was it written by a newer version?")
        }
    }

    private var isSound: Bool {
        let sizes = [fieldBytes, bytes, answerBytes, attempts, callbackAttempts]
        let times = [acceptedAt, dueAt, startedAt, finishedAt, retiredAt, callbackDue, microseconds].compactMap(\.self)
        return sequence <= UInt64(Int64.max) && (1...256).contains(id.utf8.count) && AsyncSettings.isQueueName(queue)
            && (try? FunctionName(qualified: function)) != nil
            && sizes.allSatisfy { (0...(1 << 32)).contains($0) }
            // So far that nothing which is computed from them is out of range.
            && times.allSatisfy { (0...(1 << 53)).contains($0) } && status.map { (0...999).contains($0) } ?? true
    }

    var backlog: Backlog {
        get throws { Backlog(queue: queue, function: try FunctionName(qualified: function)) }
    }
}

extension StoredCall {
    /// A call with its request taken apart.
    func queued(_ payload: [UInt8], _ backlog: Backlog) -> QueuedCall {
        let fields = String(decoding: payload.prefix(fieldBytes), as: UTF8.self)
        return QueuedCall(
            id: id, function: backlog.function, spelling: spelling, queue: queue,
            request: CallRequest(
                method: method, target: target, headers: HeaderText.read(fields),
                body: Data(payload.dropFirst(fieldBytes))),
            callbackURL: callbackURL, idempotencyKey: key, acceptedAt: acceptedAt)
    }

    func record(_ backlog: Backlog) -> CallRecord {
        CallRecord(
            number: Int64(sequence), id: id, function: backlog.function, queue: queue, state: state, method: method,
            target: target, bytes: bytes, attempts: attempts, acceptedAt: acceptedAt,
            dueAt: state == .waiting ? dueAt : nil, startedAt: startedAt, finishedAt: finishedAt, status: status,
            error: error, microseconds: microseconds, idempotencyKey: key,
            callback: callbackURL.map { url in
                CallRecord.Callback(
                    url: url, state: callback, attempts: callbackAttempts, dueAt: callbackDue, error: callbackError)
            })
    }
}

/// The head of an answer that is to be told.
struct StoredAnswer: Codable, Sendable, Equatable {
    var id: String
    /// The number of the message of the call that it answers.
    var sequence: UInt64
    /// `nil` where there was no answer.
    var status: Int?
    var fieldBytes: Int
    var isCut: Bool
}
