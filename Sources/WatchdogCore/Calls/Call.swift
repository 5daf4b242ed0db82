/// The function's side of one request. Each mode has its own.
///
/// The connection pushes input and pulls output, each only as far as the other side takes it. What a call does by
/// itself (it fails, its time is over) it tells with `Connection.take`, and asks for `Connection.pump`.
protocol Call: AnyObject {
    /// Whether the function still takes input, as far as is known.
    var isInputOpen: Bool { get }
    /// Whether what is in the output buffer must not be sent yet.
    var isHolding: Bool { get }

    /// Offers body bytes to the function.
    /// - Returns: how many it took; all when nobody wants them any more.
    func offerInput(_ bytes: UnsafeRawBufferPointer) -> Int
    /// The body is complete.
    func finishInput()
    /// Puts what comes next of the answer into `buffer`, head and framing included.
    /// - Returns: nil when there is nothing for now.
    func readOutput(into buffer: Buffer) -> CallStep?
    /// Ends the call for a fault of the request or of time.
    func fail(_ status: StatusCode, _ text: String) -> CallStep
    /// The connection's `callTimer` is due.
    func timeOver()
    /// The connection is done with this call: the answer is complete, or nobody wants it any more.
    func detach()
}

extension Call {
    func timeOver() {}
}

/// How an answer goes on.
enum CallStep {
    /// As far as it has come, it is in the output buffer.
    case more
    /// What is in the output buffer is the last of it.
    case finish
    /// Break the answer off so that the client sees it.
    case cut
}
