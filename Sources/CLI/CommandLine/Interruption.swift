import Dispatch
import Glibc

/// Ctrl-C in the middle of work that has to be cleared up.
enum Interruption {
    /// Runs a body that a signal cancels, so that programs it has started are ended and what is half made is removed.
    ///
    /// - Throws: `CancellationError` after a signal, whatever the body has thrown because of it.
    static func cancels<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) async throws -> Value {
        let work = Task { try await body() }
        // `nohup` is to go on without its terminal.
        let numbers = [SIGINT, SIGTERM, SIGHUP].filter { $0 != SIGHUP || !isIgnored($0) }
        let sources = numbers.map { number in
            // Dispatch only sees a signal that does not end the process; programs that are started get it as ever.
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { work.cancel() }
            source.activate()
            return source
        }
        defer {
            for source in sources { source.cancel() }
            for number in numbers { signal(number, SIG_DFL) }
        }
        do {
            return try await work.value
        } catch  where work.isCancelled {
            throw CancellationError()
        }
    }

    private static func isIgnored(_ number: Int32) -> Bool {
        var action = sigaction()
        sigaction(number, nil, &action)
        // SIG_IGN is the address 1.
        return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == 1
    }
}
