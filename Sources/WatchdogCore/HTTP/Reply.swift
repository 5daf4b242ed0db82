/// An answer that the watchdog gives by itself, whole.
struct Reply: Equatable {
    var status: StatusCode
    var body = ""
    var contentType = "text/plain; charset=utf-8"
    var origin: Origin?
    /// A further field line with its CRLF: the `Allow` of a 405, the `Location` of a redirect.
    var field = ""

    /// Values of `X-Openfaas-Internal`, as OpenFaaS's watchdogs send them.
    enum Origin {
        case watchdog
        case middleware

        var text: StaticString {
            switch self {
            case .watchdog: "of-watchdog"
            case .middleware: "faas-middleware"
            }
        }
    }

    /// An answer that says in one line what is wrong on this side of the function.
    static func platform(_ status: StatusCode, _ reason: String) -> Reply {
        Reply(status: status, body: reason + "\n", origin: .watchdog)
    }

    /// A 405.
    /// - Parameter methods: those that are allowed.
    static func onlyAllows(_ methods: String) -> Reply {
        Reply(status: .methodNotAllowed, field: "Allow: \(methods)\r\n")
    }
}
