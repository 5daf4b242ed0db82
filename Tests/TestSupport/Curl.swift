import Foundation

/// An HTTP client that is not ours.
public struct Curl: Sendable {
    /// An answer.
    public struct Answer: Sendable {
        /// The status code; 0 when there was no answer.
        public let status: Int
        /// The header fields, names in lower case; the last of several.
        public let headers: [String: String]
        /// The body.
        public let body: String
        /// curl's own exit code: 0, or what went wrong with the connection.
        public let curlCode: Int32
    }

    /// Where the requests go, such as `http://127.0.0.1:8080`.
    public let base: String
    /// `user:password`, or none.
    public let credentials: String?

    /// Makes a client.
    public init(base: String, credentials: String? = nil) {
        self.base = base
        self.credentials = credentials
    }

    /// Asks once.
    public func callAsFunction(
        _ method: String, _ path: String, headers: [String] = [], body: String? = nil, options: [String] = []
    ) async throws -> Answer {
        var arguments = ["-sS", "--max-time", "60", "--path-as-is", "-i", "-X", method]
        if method == "HEAD" { arguments = ["-sS", "--max-time", "60", "--path-as-is", "-I"] }
        if let credentials { arguments += ["-u", credentials] }
        for header in headers { arguments += ["-H", header] }
        if body != nil { arguments += ["--data-binary", "@-"] }
        arguments += options + [base + path]
        let outcome = try await Shell.run("curl", arguments, input: body ?? "")
        return Self.parse(outcome)
    }

    private static func parse(_ outcome: Shell.Outcome) -> Answer {
        var rest = Substring(outcome.output)
        var status = 0
        var headers: [String: String] = [:]
        // Interim answers (100 Continue) come before the real one.
        while rest.hasPrefix("HTTP/"), let end = rest.range(of: "\r\n\r\n") {
            let lines = rest[..<end.lowerBound].split(separator: "\r\n")
            status = lines.first.flatMap { $0.split(separator: " ").dropFirst().first }.flatMap { Int($0) } ?? 0
            headers = [:]
            for line in lines.dropFirst() {
                let parts = line.split(separator: ":", maxSplits: 1)
                guard parts.count == 2 else { continue }
                headers[parts[0].lowercased()] = parts[1].trimmingPrefix { $0 == " " }.description
            }
            rest = rest[end.upperBound...]
            if status >= 200 { break }
        }
        return Answer(status: status, headers: headers, body: String(rest), curlCode: outcome.code)
    }
}
