import Logging
import NIOCore

/// Reaches the worker of one event loop from outside.
struct LoopHandle: Sendable {
    let eventLoop: any EventLoop
    private let box: NIOLoopBoundBox<Worker>

    init(
        eventLoop: any EventLoop, settings: LoopSettings, fallback: any Fallback, waker: any Waker, logger: Logger
    ) {
        self.eventLoop = eventLoop
        box = .makeBoxSendingValue(
            Worker(eventLoop: eventLoop, settings: settings, fallback: fallback, waker: waker, logger: logger),
            eventLoop: eventLoop)
    }

    /// The worker; on its loop only.
    var worker: Worker { box.value }

    /// Runs `body` on the loop.
    ///
    /// - Returns: `nil` when the loop has been shut down.
    @discardableResult
    func run<Result: Sendable>(_ body: @escaping @Sendable (Worker) -> Result) async -> Result? {
        let box = box
        return try? await eventLoop.submit { body(box.value) }.get()
    }

    /// Runs `body` on the loop.
    ///
    /// - Returns: fulfilled when that is done; failed when the loop has been shut down.
    func begin(_ body: @escaping @Sendable (Worker) -> Void) -> EventLoopFuture<Void> {
        let box = box
        return eventLoop.submit { body(box.value) }
    }

    /// Runs `body` on the loop and waits for what it promises.
    ///
    /// - Returns: `nil` when the loop has been shut down.
    func waitFor<Result: Sendable>(
        _ body: @escaping @Sendable (Worker) -> EventLoopFuture<Result>
    ) async -> Result? {
        let box = box
        return try? await eventLoop.flatSubmit { body(box.value) }.get()
    }
}
