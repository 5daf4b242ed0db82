/// Calls until an answer came as a whole, with its length; the last of many answers if none did.
///
/// The watchdog holds a function's first output back for some milliseconds only. A busy machine may take longer to end
/// the process, and then the answer is rightly a stream.
func wholeAnswer(_ call: () throws -> HTTPClient.Response) throws -> HTTPClient.Response {
    for _ in 0..<50 {
        // A stream that broke off because the process failed is an error here.
        if let answer = try? call(), answer.header("Content-Length") != nil { return answer }
    }
    return try call()
}
