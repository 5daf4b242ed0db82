import Foundation

/// The streams of a NATS server (docs "JetStream wire API").
public struct JetStream: Sendable {
    /// The connection.
    public let client: NATSClient
    /// How long an answer may take.
    public let timeout: Duration

    /// Speaks to the server that a client is connected to.
    public init(client: NATSClient, timeout: Duration = .seconds(5)) {
        self.client = client
        self.timeout = timeout
    }

    /// Makes a stream, or makes one that is there as it is described.
    ///
    /// - Throws: ``NATSError``; `jetStream` with the server's number when it does not allow this.
    public func ensureStream(_ configuration: StreamConfiguration) async throws {
        do {
            let _: Nothing = try await ask("STREAM.CREATE.\(configuration.name)", configuration)
        } catch let error as NATSError where error.code == .jetStream(JetStreamCode.streamNameInUse) {
            let _: Nothing = try await ask("STREAM.UPDATE.\(configuration.name)", configuration)
        }
    }

    /// What a stream holds now.
    ///
    /// - Throws: ``NATSError``.
    public func state(of stream: String) async throws -> StreamState {
        let info: StreamInfo = try await ask("STREAM.INFO.\(stream)", Empty())
        return info.state
    }

    /// Makes a durable consumer, or leaves one that is there as described.
    ///
    /// - Throws: ``NATSError``.
    public func ensureConsumer(_ configuration: ConsumerConfiguration, of stream: String) async throws {
        let name = configuration.durableName ?? ""
        let _: Nothing = try await ask(
            "CONSUMER.DURABLE.CREATE.\(stream).\(name)", ConsumerRequest(streamName: stream, config: configuration))
    }

    /// Makes a consumer that the server forgets when nobody asks it for a while.
    ///
    /// - Returns: its name.
    /// - Throws: ``NATSError``.
    public func makeConsumer(_ configuration: ConsumerConfiguration, of stream: String) async throws -> ConsumerState {
        try await ask("CONSUMER.CREATE.\(stream)", ConsumerRequest(streamName: stream, config: configuration))
    }

    /// Puts a message into a stream, and waits until the stream has it.
    ///
    /// - Parameters:
    ///   - id: a second message with the same, within the stream's window of time, is not kept.
    ///   - lastSequence: the number of the last message of this subject, 0 for none; with another one nothing is kept.
    /// - Throws: ``NATSError``; ``NATSError/isWrongSequence`` tells that the subject has another last message.
    public func publish(
        _ subject: String, headers: NATSHeaders = [:], payload: [UInt8], id: String? = nil, lastSequence: UInt64? = nil
    ) async throws -> PublishAcknowledgement {
        var headers = headers
        if let id { headers.add("Nats-Msg-Id", id) }
        if let lastSequence { headers.add("Nats-Expected-Last-Subject-Sequence", String(lastSequence)) }
        return try Self.read(
            try await client.request(subject, headers: headers, payload: payload, timeout: timeout))
    }

    /// The message of a stream with a number; `nil` when it is not there any more. The stream must allow direct reading.
    ///
    /// - Throws: ``NATSError``.
    public func message(_ sequence: UInt64, of stream: String) async throws -> NATSMessage? {
        try await direct(MessageRequest(seq: sequence), stream)
    }

    /// The last message of a subject in a stream, with its number; `nil` when there is none.
    ///
    /// - Throws: ``NATSError``.
    public func lastMessage(_ subject: String, of stream: String) async throws -> (UInt64, NATSMessage)? {
        guard let message = try await direct(MessageRequest(lastBySubject: subject), stream) else { return nil }
        guard let sequence = message.headers["Nats-Sequence"].flatMap({ UInt64($0) }) else {
            throw NATSError.violation("a message of a stream without its number")
        }
        return (sequence, message)
    }

    private func direct(_ request: MessageRequest, _ stream: String) async throws -> NATSMessage? {
        let message = try await client.request(
            "$JS.API.DIRECT.GET.\(stream)", payload: try Self.json(request), timeout: timeout)
        switch message.status {
        case nil: return message
        case 404: return nil
        case let status?: throw NATSError(.jetStream(0), "reading the stream \(stream) was answered with \(status)")
        }
    }

    /// Removes the message with a number; of no effect when it is not there.
    ///
    /// - Throws: ``NATSError``.
    public func delete(_ sequence: UInt64, of stream: String) async throws {
        do {
            // Overwriting it on the disk first is for secrets that must not be found on a stolen one.
            let _: Nothing = try await ask(
                "STREAM.MSG.DELETE.\(stream)", DeleteRequest(seq: sequence, noErase: true))
        } catch let error as NATSError where JetStreamCode.noSuchMessage.contains(error.code) {}
    }

    // MARK: The wire

    func ask<Answer: Decodable>(_ operation: String, _ request: some Encodable) async throws -> Answer {
        try Self.read(
            try await client.request("$JS.API.\(operation)", payload: try Self.json(request), timeout: timeout))
    }

    static func json(_ value: some Encodable) throws -> [UInt8] { Array(try JSONEncoder().encode(value)) }

    private static func read<Answer: Decodable>(_ message: NATSMessage) throws -> Answer {
        do {
            let data = Data(message.payload)
            if let error = try JSONDecoder().decode(Failure.self, from: data).error {
                throw NATSError(.jetStream(error.number ?? 0), "JetStream says: \(error.description.prefix(200))")
            }
            return try JSONDecoder().decode(Answer.self, from: data)
        } catch let error as NATSError {
            throw error
        } catch {
            throw NATSError.violation("an answer of JetStream that cannot be read")
        }
    }
}

private struct Empty: Encodable {}

private struct Nothing: Decodable {}

private struct Failure: Decodable {
    struct Reason: Decodable {
        var number: Int?
        var description: String

        enum CodingKeys: String, CodingKey {
            case number = "err_code"
            case description
        }
    }

    var error: Reason?
}

private struct StreamInfo: Decodable {
    var state: StreamState
}

private struct ConsumerRequest: Encodable {
    var streamName: String
    var config: ConsumerConfiguration

    enum CodingKeys: String, CodingKey {
        case streamName = "stream_name"
        case config
    }
}

private struct MessageRequest: Encodable {
    var seq: UInt64?
    var lastBySubject: String?

    enum CodingKeys: String, CodingKey {
        case seq
        case lastBySubject = "last_by_subj"
    }
}

private struct DeleteRequest: Encodable {
    var seq: UInt64
    var noErase: Bool

    enum CodingKeys: String, CodingKey {
        case seq
        case noErase = "no_erase"
    }
}
