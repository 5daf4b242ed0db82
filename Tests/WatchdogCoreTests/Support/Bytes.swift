@testable import WatchdogCore

/// Runs a parser of raw bytes on a text.
func withBytes<Result>(_ text: String, _ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
    try Array(text.utf8).withUnsafeBytes(body)
}

/// The parse of a head; its ranges refer to `text`.
func parse(_ text: String) -> Result<RequestHead, RequestParser.Refusal> {
    withBytes(text) { RequestParser.parse($0) }
}

/// The status with which a head is refused, or nil when it is taken.
func refusal(_ text: String) -> Int? {
    guard case .failure(let refusal) = parse(text) else { return nil }
    return refusal.rejection.status.rawValue
}

extension String {
    func slice(_ range: Range<Int>) -> String {
        String(decoding: Array(utf8)[range], as: UTF8.self)
    }
}

extension Buffer {
    var text: String { String(decoding: readable, as: UTF8.self) }
}
