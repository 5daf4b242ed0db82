// Runs handle(_:) of function/ for fwatchdog's worker mode: one process, one request after the other.

#if canImport(Musl)
import Musl
#else
import Glibc
#endif

/// A call.
struct Request {
    var method = ""
    var path = ""
    /// What stands behind `?`, as it was sent.
    var query = ""
    /// In the order they came.
    var headers: [(name: String, value: String)] = []
    var body: [UInt8] = []

    /// The body as text.
    var text: String { String(decoding: body, as: UTF8.self) }

    /// The first value of a header, whatever the case of its name.
    func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }
}

/// What is answered.
struct Response {
    var status: Int
    var headers: [String: String]
    var body: [UInt8]

    init(_ text: String, status: Int = 200, headers: [String: String] = [:]) {
        self.init(body: Array(text.utf8), status: status, headers: headers)
    }

    init(body: [UInt8], status: Int = 200, headers: [String: String] = [:]) {
        self.body = body
        self.status = status
        self.headers = headers
    }
}

/// Frames on a socket: the lengths of head and body in 4 and 8 bytes, the highest first, and then these.
struct Channel {
    let descriptor: Int32

    func read() -> (head: [UInt8], body: [UInt8])? {
        guard let prefix = bytes(12) else { return nil }
        let head = prefix[..<4].reduce(0) { $0 << 8 | Int($1) }
        let body = prefix[4...].reduce(0) { $0 << 8 | Int($1) }
        guard let first = bytes(head), let rest = bytes(body) else { return nil }
        return (first, rest)
    }

    func write(head: [UInt8], body: [UInt8]) -> Bool {
        let prefix = (0..<4).map { UInt8(truncatingIfNeeded: head.count >> (24 - 8 * $0)) }
            + (0..<8).map { UInt8(truncatingIfNeeded: body.count >> (56 - 8 * $0)) }
        var rest = (prefix + head + body)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    private func bytes(_ count: Int) -> [UInt8]? {
        var result = [UInt8](repeating: 0, count: count)
        var done = 0
        while done < count {
            let got = result[done...].withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
            if got < 0, errno == EINTR { continue }
            guard got > 0 else { return nil }
            done += got
        }
        return result
    }
}

func request(head: [UInt8], body: [UInt8]) -> Request {
    let lines = String(decoding: head, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
    var request = Request(body: body)
    let first = lines[0].split(separator: " ", maxSplits: 1)
    request.method = first.first.map(String.init) ?? ""
    let target = first.dropFirst().first?.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false) ?? []
    request.path = target.first.map(String.init) ?? "/"
    request.query = target.dropFirst().first.map(String.init) ?? ""
    for line in lines.dropFirst() {
        guard let colon = line.firstIndex(of: ":") else { continue }
        request.headers.append((String(line[..<colon]), String(line[colon...].dropFirst().drop { $0 == " " })))
    }
    return request
}

func head(of response: Response) -> [UInt8] {
    let status = String(response.status)
    let lines = [String(repeating: "0", count: max(0, 3 - status.count)) + status]
        + response.headers.map { "\($0.key): \($0.value)" }
    // No line may begin another one.
    return lines.flatMap { line in line.utf8.map { $0 == 10 || $0 == 13 ? 32 : $0 } + [10] }
}

guard let number = getenv("FWATCHDOG_WORKER_FD").flatMap({ Int32(String(cString: $0)) }) else {
    print("this program is run by fwatchdog in mode worker")
    exit(2)
}
unsetenv("FWATCHDOG_WORKER_FD")
let channel = Channel(descriptor: number)
// Ready for the first call.
guard channel.write(head: [], body: []) else { exit(1) }
while let frame = channel.read() {
    var response: Response
    do {
        response = try handle(request(head: frame.head, body: frame.body))
    } catch {
        print("the function has failed: \(error)")
        response = Response("the function has failed\n", status: 500)
    }
    fflush(nil)
    guard channel.write(head: head(of: response), body: response.body) else { exit(1) }
}
