import NATS
import OpenFaaSAPI

/// What our streams, subjects and consumers are called.
enum JetStreamNames {
    /// The calls: head, request and body, until they have run; dead letters stay.
    static let calls = "FAASD_CALLS"
    /// What became of calls: the last word on each.
    static let records = "FAASD_RECORDS"
    /// Answers that are to be told.
    static let answers = "FAASD_ANSWERS"

    /// The field that has the head of a call or an answer.
    static let head = "Faasd-Head"

    /// The consumer of all answers.
    static let callbacks = "callbacks"

    static func call(_ backlog: Backlog) -> String {
        "faasd.call.\(queue(backlog)).\(backlog.function.namespace).\(backlog.function.name)"
    }

    static func record(_ id: String) -> String { "faasd.record.\(natsToken(id))" }

    static func answer(_ id: String) -> String { "faasd.answer.\(natsToken(id))" }

    /// The consumer of a function's calls in a queue. All characters of names are allowed in it, and `;` is none of
    /// them; it is shorter than a file's name may be, which the server makes of it.
    static func consumer(_ backlog: Backlog) -> String {
        "\(queue(backlog));\(backlog.function.namespace);\(backlog.function.name)"
    }

    /// A queue's name may have dots, which would part tokens; it has no `=`.
    private static func queue(_ backlog: Backlog) -> String { backlog.queue.replacing(".", with: "=") }

    static let streams: [StreamConfiguration] = {
        let all = StreamConfiguration(name: calls, subjects: ["faasd.call.*.*.*"])
        let last = [(records, "faasd.record.*"), (answers, "faasd.answer.*")].map { name, subject in
            var configuration = StreamConfiguration(name: name, subjects: [subject])
            configuration.messagesPerSubject = 1
            return configuration
        }
        return [all] + last
    }()
}
