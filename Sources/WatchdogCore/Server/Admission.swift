/// Decides what becomes of a request: an answer by the watchdog, or a call of the function.
struct Admission {
    enum Decision: Equatable {
        case answer(Reply)
        /// Answer with this in place of the function.
        case refuse(Reply)
        /// Call the function; with this path instead of the request's when there is one.
        case call(replacingPath: String?)
    }

    let maxInflight: Int
    let readyPath: String?

    /// - Parameters:
    ///   - isHealthy: whether the watchdog is not about to end.
    ///   - inflight: calls that run now.
    ///   - isFunctionReady: whether the function takes requests, where that can be known without calling it.
    func decide(
        method: UnsafeRawBufferPointer, path: UnsafeRawBufferPointer, isHealthy: Bool, inflight: Int,
        isFunctionReady: @autoclosure () -> Bool
    ) -> Decision {
        if path.equals("/_/health") {
            guard method.equals("GET") else { return .answer(Self.onlyGet) }
            return .answer(isHealthy ? Self.fine : Reply(status: .unavailable))
        }
        if path.equals("/_/ready") {
            guard method.equals("GET") else { return .answer(Self.onlyGet) }
            return ready(isHealthy: isHealthy, inflight: inflight, isFunctionReady: isFunctionReady)
        }
        if isFull(inflight) {
            let body = "Concurrent request limit exceeded. Max concurrent requests: \(maxInflight)\n"
            return .refuse(
                Reply(status: .tooManyRequests, body: body, contentType: "text/plain", origin: .middleware))
        }
        return .call(replacingPath: nil)
    }

    private func ready(isHealthy: Bool, inflight: Int, isFunctionReady: () -> Bool) -> Decision {
        guard isHealthy else { return .answer(Reply(status: .unavailable)) }
        if isFull(inflight) { return .answer(Reply(status: .tooManyRequests)) }
        guard let readyPath else { return .answer(Reply(status: isFunctionReady() ? .ok : .unavailable)) }
        return .call(replacingPath: readyPath)
    }

    private func isFull(_ inflight: Int) -> Bool { maxInflight > 0 && inflight >= maxInflight }

    private static let fine = Reply(status: .ok, body: "OK")
    private static let onlyGet = Reply.onlyAllows("GET")
}
