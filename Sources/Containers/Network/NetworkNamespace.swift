import Glibc

/// The name of a network namespace, in the form of iproute2: a file in /run/netns.
public struct NetworkNamespace: Sendable, Hashable, CustomStringConvertible {
    /// Where iproute2 keeps named network namespaces; it is built into it (netns(8) of `ip-netns`).
    static let directory = "/run/netns"

    /// The name.
    public let name: String

    /// Checks a name: the form of a container id (see ``ContainerSpec/id``).
    ///
    /// - Throws: `invalidArgument`.
    public init(_ name: String) throws(ContainersError) {
        try RuntimeNames.checkIdentifier(name, field: "network namespace")
        self.name = name
    }

    /// The file that stands for the namespace.
    public var path: String { "\(Self.directory)/\(name)" }

    /// The name.
    public var description: String { name }
}

/// The network namespaces of this machine.
public struct NetworkNamespaces: Sendable {
    /// Settings made inside a new namespace. A container must not take an address or a route from a router
    /// advertisement that another container may have sent.
    private static let refusals = [
        "/proc/sys/net/ipv6/conf/all/accept_ra", "/proc/sys/net/ipv6/conf/default/accept_ra",
    ]

    private let runner: any CommandRunner

    /// - Parameter runner: Runs `ip` and `nsenter`.
    public init(runner: any CommandRunner = SubprocessRunner()) {
        self.runner = runner
    }

    /// Makes a namespace.
    ///
    /// - Throws: `alreadyExists`; `networkFailed`, after which there is none.
    public func create(_ namespace: NetworkNamespace) async throws {
        guard !exists(namespace) else {
            throw ContainersError(.alreadyExists, "the network namespace \"\(namespace)\" already exists")
        }
        try await require(Command("ip", ["netns", "add", namespace.name]), "could not make", namespace)
        do {
            try await refuseAdvertisements(in: namespace)
        } catch {
            try? await withoutCancellation { try await delete(namespace) }
            throw error
        }
    }

    /// Removes a namespace. An absent one is fine. Processes in it keep it alive without a name.
    ///
    /// - Throws: `networkFailed`.
    public func delete(_ namespace: NetworkNamespace) async throws {
        guard exists(namespace) else { return }
        try await require(Command("ip", ["netns", "delete", namespace.name]), "could not remove", namespace)
    }

    /// Whether there is a file for the namespace.
    public func exists(_ namespace: NetworkNamespace) -> Bool {
        access(namespace.path, F_OK) == 0
    }

    /// The namespaces whose names begin with `prefix`, sorted. Names of another form are not ours and passed over.
    public func list(prefix: String) -> [NetworkNamespace] {
        DirectoryContents.names(in: NetworkNamespace.directory).sorted()
            .filter { $0.hasPrefix(prefix) }.compactMap { try? NetworkNamespace($0) }
    }

    /// /proc/sys/net shows the network namespace of who looks, so the files are written from inside.
    private func refuseAdvertisements(in namespace: NetworkNamespace) async throws {
        guard access(Self.refusals[0], F_OK) == 0 else { return }
        var command = Command("nsenter", ["--net=\(namespace.path)", "tee"] + Self.refusals)
        command.input = .bytes(Array("0\n".utf8))
        command.output = .discarded
        try await require(command, "could not set up", namespace)
    }

    private func require(_ command: Command, _ what: String, _ namespace: NetworkNamespace) async throws {
        let result = try await runner.run(command)
        guard result.succeeded else {
            throw ContainersError(
                .networkFailed, "\(command.name) \(what) the network namespace \"\(namespace)\": \(result.status)",
                details: result.error)
        }
    }
}
