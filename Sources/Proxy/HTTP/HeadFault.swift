/// Why a head cannot be accepted.
enum HeadFault: Error, CaseIterable {
    case bareLineFeed
    case controlCharacter
    case malformedRequestLine
    case malformedStatusLine
    case unsupportedVersion
    case targetTooLong
    case malformedTarget
    case connectMethod
    case headTooLong
    case tooManyFields
    case malformedFieldName
    case foldedField
    case missingHost
    case malformedHost
    case malformedContentLength
    case conflictingContentLength
    case contentLengthAndTransferEncoding
    case unsupportedTransferEncoding
    case unsupportedExpectation

    /// The status for a client that sent such a head.
    var status: Int {
        switch self {
        case .targetTooLong: 414
        case .headTooLong, .tooManyFields: 431
        case .unsupportedVersion: 505
        case .unsupportedTransferEncoding: 501
        case .unsupportedExpectation: 417
        case .connectMethod: 405
        case .bareLineFeed, .controlCharacter, .malformedRequestLine, .malformedStatusLine, .malformedTarget,
            .malformedFieldName, .foldedField, .missingHost, .malformedHost, .malformedContentLength,
            .conflictingContentLength, .contentLengthAndTransferEncoding:
            400
        }
    }

    /// The limit that was reached, where the head is not malformed but too large.
    var limit: Limit? {
        switch self {
        case .targetTooLong: .targetBytes
        case .headTooLong: .headBytes
        case .tooManyFields: .headFields
        case .bareLineFeed, .controlCharacter, .malformedRequestLine, .malformedStatusLine, .unsupportedVersion,
            .malformedTarget, .connectMethod, .malformedFieldName, .foldedField, .missingHost, .malformedHost,
            .malformedContentLength, .conflictingContentLength, .contentLengthAndTransferEncoding,
            .unsupportedTransferEncoding, .unsupportedExpectation:
            nil
        }
    }

    /// What was wrong, in words.
    var text: StaticString {
        switch self {
        case .bareLineFeed: "malformed head: a line must end with CR LF"
        case .controlCharacter: "malformed head: control character"
        case .malformedRequestLine: "malformed request line: it must be METHOD TARGET HTTP/1.1"
        case .malformedStatusLine: "malformed status line: it must be HTTP/1.1 STATUS REASON"
        case .unsupportedVersion: "unsupported version: use HTTP/1.1"
        case .targetTooLong: "request target too long"
        case .malformedTarget: "malformed request target: it must begin with /"
        case .connectMethod: "this server is no CONNECT proxy"
        case .headTooLong: "head too long"
        case .tooManyFields: "too many header fields"
        case .malformedFieldName: "malformed header field: it must be NAME: VALUE"
        case .foldedField: "malformed header field: a field must stand on one line"
        case .missingHost: "missing Host field"
        case .malformedHost: "malformed Host field"
        case .malformedContentLength: "malformed Content-Length"
        case .conflictingContentLength: "conflicting Content-Length fields"
        case .contentLengthAndTransferEncoding: "Content-Length together with Transfer-Encoding"
        case .unsupportedTransferEncoding: "unsupported Transfer-Encoding: use chunked"
        case .unsupportedExpectation: "unsupported expectation: use 100-continue"
        }
    }
}
