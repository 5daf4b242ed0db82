/// The rules that the CNI plugin `bridge` makes so that a container can reach other machines.
///
/// The plugin removes them only while the container's network namespace is there. When somebody took the namespace
/// away before, they would stay for ever, for an address that another container gets next.
struct MasqueradeRules: Sendable {
    let runner: any CommandRunner

    /// Removes the rules of one attachment. They are found by the comment which the plugin gives them.
    ///
    /// - Throws: `networkFailed` when there are rules and one cannot be removed.
    func remove(network: String, containerID: String) async throws {
        let comment = "name: \"\(network)\" id: \"\(containerID)\""
        let listing = try await runner.run(Command("iptables", ["-w", "-t", "nat", "-S", "POSTROUTING"]))
        guard listing.succeeded else { return }
        for line in listing.outputText.split(separator: "\n") {
            guard let rule = Self.rule(line, comment: comment) else { continue }
            try await change([
                "-D", "POSTROUTING", "-s", rule.source, "-m", "comment", "--comment", comment, "-j", rule.chain,
            ])
            try await change(["-F", rule.chain])
            try await change(["-X", rule.chain])
        }
    }

    /// Reads `-A POSTROUTING -s ADDRESS -m comment --comment "COMMENT" -j CHAIN`, where quotes in the comment have a
    /// backslash before them.
    static func rule(_ line: Substring, comment: String) -> (source: String, chain: String)? {
        let written = comment.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\\\"")
        let words = line.split(separator: " ")
        guard line.contains("--comment \"\(written)\" "), words.count > 5, words[2] == "-s",
            let chain = words.last, words[words.count - 2] == "-j", chain.hasPrefix("CNI-")
        else { return nil }
        return (String(words[3]), String(chain))
    }

    /// The containers that a listing of rules names, in comments `name: "NETWORK" id: "CONTAINER"`.
    static func containers(in listing: String, network: String) -> Set<String> {
        let mark = "name: \\\"\(network)\\\" id: \\\""
        return Set(
            listing.split(separator: "\n").compactMap { line in
                line.firstRange(of: mark).map { String(line[$0.upperBound...].prefix { $0 != "\\" }) }
            })
    }

    private func change(_ arguments: [String]) async throws {
        let result = try await runner.run(Command("iptables", ["-w", "-t", "nat"] + arguments))
        guard result.succeeded else {
            throw ContainersError(
                .networkFailed, "iptables \(arguments.joined(separator: " ")) failed", details: result.error)
        }
    }
}
