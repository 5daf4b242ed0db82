import Glibc

/// Runs plugins: parameters in the environment, the network on standard input, the result on standard output.
struct CNIPlugins: Sendable {
    /// What a plugin is to do.
    enum Verb: String {
        case add = "ADD"
        case delete = "DEL"
    }

    /// Who is to be connected.
    struct Target: Sendable {
        var containerID: String
        var namespacePath: String
        var interface: String
    }

    let directories: [String]
    let subnet: Subnet
    let runner: any CommandRunner

    /// Runs one plugin.
    ///
    /// - Returns: What it printed, which may be nothing for DEL.
    /// - Throws: `networkFailed`; `addressesUsed` when the network has none left.
    func run(_ type: String, _ verb: Verb, target: Target, input: String) async throws -> String {
        guard let directory = directories.first(where: { access("\($0)/\(type)", X_OK) == 0 }) else {
            throw ContainersError(
                .networkFailed,
                "the network plugin \"\(type)\" is in none of \(directories.joined(separator: ", "));"
                    + " install the CNI plugins")
        }
        var command = Command("\(directory)/\(type)")
        command.environment = [
            "CNI_COMMAND": verb.rawValue, "CNI_CONTAINERID": target.containerID, "CNI_NETNS": target.namespacePath,
            "CNI_IFNAME": target.interface, "CNI_PATH": directories.joined(separator: ":"),
        ]
        command.input = .bytes(Array(input.utf8))
        command.output = .collected(limit: 1 << 20)
        let result = try await runner.run(command)
        guard result.succeeded else {
            let reason = CNIResult.errorText(result.outputText)
            guard !CNIResult.isOutOfAddresses(reason) else {
                throw ContainersError(
                    .addressesUsed,
                    "no address of \(subnet) is free; remove functions or replicas, or give faasd a larger subnet",
                    details: reason)
            }
            throw ContainersError(
                .networkFailed,
                "the network plugin \"\(type)\" failed to \(verb.rawValue): \(BoundedText.shown(reason))",
                details: reason + result.error)
        }
        return result.outputText
    }
}
