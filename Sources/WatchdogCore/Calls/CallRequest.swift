/// A request on its way to the function.
struct CallRequest {
    let head: RequestHead
    /// The bytes that `head` refers to.
    let bytes: UnsafeRawBufferPointer
    /// Path and query to ask for instead of those of the request, with method GET and no body: `ready_path`.
    let replacingPath: String?
}

/// A request whose function is called when all of its body is there.
struct HeldRequest {
    private let head: RequestHead
    private let bytes: [UInt8]
    private let replacingPath: String?

    init(_ request: CallRequest) {
        head = request.head
        bytes = Array(request.bytes)
        replacingPath = request.replacingPath
    }

    /// - Parameter length: bytes of the body, now that they are known.
    func withRequest(length: Int, _ body: (CallRequest) -> Void) {
        var head = head
        head.framing = length == 0 ? .none : .length(UInt64(length))
        bytes.withUnsafeBytes { body(CallRequest(head: head, bytes: $0, replacingPath: replacingPath)) }
    }
}
