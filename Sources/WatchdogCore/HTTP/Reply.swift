/// An answer that the watchdog gives by itself, whole.
struct Reply: Equatable {
    var status: StatusCode
    var body = ""
    var contentType = "text/plain; charset=utf-8"
    var origin: Origin?
    /// For a 405: says that only GET is allowed.
    var allowsOnlyGet = false

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
}
