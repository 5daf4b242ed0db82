/// What a connection knows of the request it works on.
struct Exchange {
    var body = RequestBody()
    /// Whether another request may follow on the connection.
    var keepsAlive = true
    var isHEAD = false
    var isHTTP10 = false
    /// The answer is complete in the output buffer, or sent.
    var isAnswered = false
    /// The answer was broken off.
    var isCut = false
    /// The client waits for a 100 before it sends its body, and has not got it.
    var owesContinue = false
    /// Body bytes thrown away after the answer.
    var discarded = 0
    /// `write_timeout` is over and the client is being told.
    var isOverdue = false
}
