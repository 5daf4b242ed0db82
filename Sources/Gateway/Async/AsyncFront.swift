import NIOCore
import Proxy

/// Takes asynchronous calls before the control plane has the rest.
struct AsyncFront: Fallback {
    let calls: AsyncCalls
    let controlPlane: ControlPlane
    let meter: RequestMeter

    func respond(to request: FallbackRequest, writer: FallbackWriter) async {
        guard let target = AsyncTarget(request.target) else {
            return await controlPlane.respond(to: request, writer: writer)
        }
        let start = ContinuousClock.now
        let answer = await calls.answer(request, target)
        meter.record(
            method: ["POST", "DELETE"].contains(request.method) ? request.method : "other",
            path: AsyncTarget.prefix + ":name", status: answer.status, duration: start.duration(to: .now))
        var headers = answer.headers
        if !answer.text.isEmpty {
            headers.append((name: "Content-Type", value: "text/plain; charset=utf-8"))
            headers.append((name: "X-Content-Type-Options", value: "nosniff"))
        }
        // The client may be gone; the proxy closes what is left of the connection, and a call that was taken runs.
        try? await writer.respond(
            status: answer.status, headers: headers,
            body: answer.text.isEmpty ? ByteBuffer() : ByteBuffer(string: answer.text + "\n"))
    }
}
