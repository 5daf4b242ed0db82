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

    /// Whether there is a file for the namespace.
    var isNamed: Bool { access(path, F_OK) == 0 }

    /// Whether the file leads into a namespace. `ip netns add` makes the file before it mounts the namespace on it.
    var isMounted: Bool {
        var (file, folder) = (stat(), stat())
        return stat(path, &file) == 0 && stat(Self.directory, &folder) == 0 && file.st_dev != folder.st_dev
    }

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

    /// The first port that needs no capability (ip-sysctl of the kernel's documentation).
    private static let portStart = "/proc/sys/net/ipv4/ip_unprivileged_port_start"

    private let runner: any CommandRunner

    /// - Parameter runner: Runs `ip` and `nsenter`.
    public init(runner: any CommandRunner = SubprocessRunner()) {
        self.runner = runner
    }

    /// Makes a namespace.
    ///
    /// - Parameter unprivilegedPortStart: The first port that anybody may listen on, 0 to 65535; nil leaves the
    ///   kernel's 1024. A user other than root has no use of `CAP_NET_BIND_SERVICE` in a container, which lacks the
    ///   ambient capabilities for it, so 0 is what lets such a user have port 80.
    /// - Throws: `invalidArgument`; `alreadyExists`; `networkFailed`, after which there is none.
    public func create(_ namespace: NetworkNamespace, unprivilegedPortStart: Int? = nil) async throws {
        if let port = unprivilegedPortStart, !(0...65535).contains(port) {
            throw ContainersError(.invalidArgument, "the first unprivileged port must be from 0 to 65535")
        }
        guard !exists(namespace) else {
            throw ContainersError(.alreadyExists, "the network namespace \"\(namespace)\" already exists")
        }
        try await require(Command("ip", ["netns", "add", namespace.name]), "could not make", namespace)
        do {
            try await set(Self.refusals.filter { access($0, F_OK) == 0 }, to: 0, in: namespace)
            if let port = unprivilegedPortStart { try await set([Self.portStart], to: port, in: namespace) }
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
        namespace.isNamed
    }

    /// The namespaces whose names begin with `prefix`, sorted. Names of another form are not ours and passed over.
    public func list(prefix: String) -> [NetworkNamespace] {
        DirectoryContents.names(in: NetworkNamespace.directory).sorted()
            .filter { $0.hasPrefix(prefix) }.compactMap { try? NetworkNamespace($0) }
    }

    /// /proc/sys/net shows the network namespace of who looks, so the files are written from inside.
    private func set(_ files: [String], to value: Int, in namespace: NetworkNamespace) async throws {
        guard !files.isEmpty else { return }
        var command = Command("nsenter", ["--net=\(namespace.path)", "tee"] + files)
        command.input = .bytes(Array("\(value)\n".utf8))
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
