import Dispatch
import Glibc

/// Ctrl-C in the middle of work that has to be cleared up.
enum Interruption {
    /// Runs a body that a signal cancels, so that programs it has started are ended and what is half made is removed.
    ///
    /// - Throws: `CancellationError` after a signal, whatever the body has thrown because of it.
    static func cancels<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) async throws -> Value {
        let work = Task { try await body() }
        let sources = [SIGINT, SIGTERM, SIGHUP].map { number in
            // Dispatch only sees a signal that does not end the process; programs that are started get it as ever.
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { work.cancel() }
            source.activate()
            return source
        }
        defer {
            for source in sources { source.cancel() }
            for number in [SIGINT, SIGTERM, SIGHUP] { signal(number, SIG_DFL) }
        }
        do {
            return try await work.value
        } catch  where work.isCancelled {
            throw CancellationError()
        }
    }
}
