import NIOCore
import Synchronization

/// Messages between the connection, which never waits, and one reader, who may be slow.
final class Mailbox: Sendable {
    private struct State {
        var messages = CircularBuffer<NATSMessage>()
        var bytes = 0
        var dropped: UInt64 = 0
        var reader: CheckedContinuation<NATSMessage?, any Error>?
        var end: Result<Void, NATSError>?
    }

    private enum Next {
        case resume(Result<NATSMessage?, any Error>)
        case wait
    }

    private let limits: NATSBufferLimits
    private let state = Mutex(State())

    init(_ limits: NATSBufferLimits) {
        self.limits = limits
    }

    /// How many messages were thrown away because the reader was too slow.
    var dropped: UInt64 { state.withLock { $0.dropped } }

    func deliver(_ message: NATSMessage) {
        let reader: CheckedContinuation<NATSMessage?, any Error>? = state.withLock { state in
            guard state.end == nil else { return nil }
            if let reader = state.reader {
                state.reader = nil
                return reader
            }
            guard makeRoom(message.payload.count, &state) else { return nil }
            state.messages.append(message)
            state.bytes += message.payload.count
            return nil
        }
        reader?.resume(returning: message)
    }

    /// - Returns: whether the message may be kept.
    private func makeRoom(_ bytes: Int, _ state: inout State) -> Bool {
        func isFull() -> Bool {
            state.messages.count >= limits.messages || (state.bytes + bytes > limits.bytes && !state.messages.isEmpty)
        }
        guard isFull() else { return true }
        state.dropped += 1
        switch limits.overflow {
        case .dropNewest:
            return false
        case .dropOldest:
            while isFull(), let oldest = state.messages.popFirst() { state.bytes -= oldest.payload.count }
            return true
        case .fail:
            state.end = .failure(NATSError(.overloaded, "the reader of a NATS subscription is too slow"))
            return false
        }
    }

    /// There are no more messages; those that are there can still be read.
    func finish(_ error: NATSError? = nil) {
        let reader = state.withLock { state in
            state.end = state.end ?? (error.map { .failure($0) } ?? .success(()))
            defer { state.reader = nil }
            return state.reader
        }
        if let error { reader?.resume(throwing: error) } else { reader?.resume(returning: nil) }
    }

    /// The next message; `nil` at the end and when the task is cancelled. One may wait at a time.
    func next() async throws -> NATSMessage? {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                switch state.withLock({ begin(&$0, continuation) }) {
                case .resume(let result): continuation.resume(with: result)
                case .wait: break
                }
            }
        } onCancel: {
            let reader = state.withLock { state in
                defer { state.reader = nil }
                return state.reader
            }
            reader?.resume(returning: nil)
        }
    }

    private func begin(_ state: inout State, _ continuation: CheckedContinuation<NATSMessage?, any Error>) -> Next {
        if let message = state.messages.popFirst() {
            state.bytes -= message.payload.count
            return .resume(.success(message))
        }
        switch state.end {
        case .success: return .resume(.success(nil))
        case .failure(let error): return .resume(.failure(error))
        case nil: break
        }
        guard !Task.isCancelled else { return .resume(.success(nil)) }
        guard state.reader == nil else {
            return .resume(.failure(NATSError(.overloaded, "a NATS subscription has one reader, not two")))
        }
        state.reader = continuation
        return .wait
    }
}
