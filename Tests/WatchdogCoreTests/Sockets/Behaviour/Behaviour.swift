import Glibc
import Testing

/// One line of the table of behaviours: what a watchdog is asked, and what it has to answer.
///
/// The answer is ours. OpenFaaS's watchdogs, where they are there to be asked, have to give the same, or the one that
/// is written down as their own together with why ours is another.
struct Behaviour: Sendable, CustomTestStringConvertible {
    enum Peer: String, Sendable, CaseIterable {
        case classic = "FAASD_TEST_CLASSIC_WATCHDOG"
        case of = "FAASD_TEST_OF_WATCHDOG"
    }

    struct Answer: Sendable {
        var status = 200
        /// The whole body; nil when only some of it is looked at.
        var body: String?
        /// Lines that are in the body, and ones that are not.
        var lines: [String] = []
        var lacks: [String] = []
        /// Values of fields. nil: it must not be there; `*`: it must, with any value.
        var fields: [String: String?] = [:]
    }

    struct Other: Sendable {
        let peer: Peer
        let answer: Answer
        /// Why ours is another.
        let reason: String
    }

    let name: String
    /// Those who have this mode.
    var peers: [Peer] = [.of]
    var variables: [String: String] = [:]
    /// What the function is; see `Function`.
    var function: Function
    /// Head and body; `Host` and the blank line are added to one without them.
    var request = "GET / HTTP/1.1"
    var expected: Answer
    var others: [Other] = []

    var testDescription: String { name }

    func expected(from peer: Peer?) -> Answer {
        others.first { $0.peer == peer }?.answer ?? expected
    }

    var wire: String {
        request.contains("\r\n\r\n") ? request : request + "\r\nHost: test\r\n\r\n"
    }
}

/// The function behind a watchdog.
enum Function: Sendable {
    /// A command, split on spaces as all watchdogs do.
    case command(String)
    /// A shell script. It is read and not executed, so that writing it disturbs nobody.
    case script(String)
    /// The server in Python that http mode is tested with.
    case server
    /// Nothing but files: `a.txt`, `sub/b.txt`, `page/index.html`.
    case files
}

extension Behaviour.Answer {
    /// In which ways an answer is not this.
    func differences(from answer: HTTPClient.Response) -> [String] {
        var found: [String] = []
        if answer.status != status { found.append("status is \(answer.status), not \(status)") }
        if let body, answer.text != body { found.append("body is \(answer.text.debugDescription)") }
        let present = answer.text.split(whereSeparator: \.isNewline).map(String.init)
        for line in lines where !present.contains(line) { found.append("no line \(line) in \(present)") }
        for line in lacks where present.contains(where: { $0.hasPrefix(line) }) { found.append("line \(line)") }
        for (name, value) in fields.sorted(by: { $0.key < $1.key }) {
            let actual = answer.header(name)
            if value == "*" ? actual == nil : actual != value { found.append("\(name) is \(actual ?? "missing")") }
        }
        return found
    }
}

/// A watchdog, ours or another, that serves one function.
final class ServedFunction {
    let watchdog: RunningWatchdog
    private let files: TemporaryFolder

    /// - Parameter binary: another watchdog; ours when nil.
    init(_ function: Function, _ variables: [String: String], binary: String?) throws {
        let files = try TemporaryFolder()
        self.files = files
        var variables = variables
        // The others cannot let the kernel choose.
        variables["port"] = "\(try EchoServer.freePort())"
        switch function {
        case .command(let command):
            variables["fprocess"] = command
        case .script(let text):
            try files.write(text + "\n", to: "script")
            variables["fprocess"] = "/bin/sh \(files.path)/script"
        case .server:
            try files.write(EchoServer.script, to: "server.py")
            let port = try EchoServer.freePort()
            variables["fprocess"] = "/usr/bin/python3 \(files.path)/server.py \(port)"
            variables["upstream_url"] = "http://127.0.0.1:\(port)"
            variables["mode"] = "http"
        case .files:
            try files.write("hello", to: "a.txt")
            try files.write("<p>page</p>", to: "index.html")
            variables["static_path"] = files.path
            variables["mode"] = "static"
        }
        watchdog = try RunningWatchdog([], variables, binary: binary)
        let isUp = eventually { (try? watchdog.get("/_/health")) != nil }
        try #require(isUp, "does not serve: \(watchdog.log)")
        guard case .server = function else { return }
        try #require(eventually { (try? watchdog.get("/plain").status) == 200 }, "no server: \(watchdog.log)")
    }
}
