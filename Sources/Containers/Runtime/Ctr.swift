public import Logging

/// containerd, by way of its client `ctr`.
///
/// One short process a question, at most ``CtrSettings/concurrency`` at one time, none of them a shell. Texts that
/// `ctr` prints are read in ``CtrOutput``, ``CtrEventLine``, ``CtrContainerInfo`` and ``CtrFailure`` only.
public struct Ctr: ContainerRuntime {
    /// How long the end of a task is waited for after SIGKILL.
    static let killTimeLimit: Duration = .seconds(15)

    let client: CtrClient
    let logger: Logger
    /// Programs run inside containers may take long; they have places of their own.
    let execPlaces = ConcurrencyLimit(16)

    var settings: CtrSettings { client.settings }

    /// Makes a runtime. Nothing is asked of containerd yet.
    public init(settings: CtrSettings, runner: any CommandRunner = SubprocessRunner(), logger: Logger) {
        let socket = DaemonSocket(path: settings.address)
        self.init(settings: settings, runner: runner, logger: logger) { socket.isListening }
    }

    init(
        settings: CtrSettings, runner: any CommandRunner, logger: Logger, isDaemonUp: @escaping @Sendable () -> Bool
    ) {
        client = CtrClient(settings: settings, runner: runner, isDaemonUp: isDaemonUp)
        self.logger = logger
    }

    /// Removes the private files of calls that an earlier process did not finish; environments may hold secrets.
    /// For the only process that uses the directory, before its first call.
    public func removeLeftovers() {
        PrivateDirectory.removeLeftovers(in: settings.privateDirectory)
    }

    /// See ``ContainerRuntime/list(namespace:labels:)``.
    public func list(namespace: String, labels: [String: String]) async throws -> [ContainerSummary] {
        try RuntimeNames.checkIdentifier(namespace, field: "namespace")
        try RuntimeNames.checkLabels(labels)
        let filter = Self.filter(labels)
        async let containers = client.require(
            ["containers", "list"] + filter, namespace: namespace, about: "namespace \"\(namespace)\"")
        async let tasks = taskStates(namespace: namespace)
        let states = try await tasks
        return CtrOutput.containers(try await containers.outputText).map { row in
            ContainerSummary(id: row.id, image: row.image, task: states[row.id] ?? .none)
        }
    }

    /// See ``ContainerRuntime/inspect(_:namespace:)``.
    public func inspect(_ id: String, namespace: String) async throws -> ContainerDetails {
        try check(id, namespace)
        let info = try await info(id, namespace: namespace)
        let states = try await taskStates(namespace: namespace)
        return info.details(namespace: namespace, task: states[id] ?? .none)
    }

    /// See ``ContainerRuntime/version()``.
    public func version() async throws -> RuntimeVersion {
        let result = try await client.require(["version"], namespace: nil, about: "version")
        guard let version = CtrOutput.version(result.outputText) else {
            throw ContainersError(
                .internalError, "the version of containerd is not as expected", details: result.outputText)
        }
        return version
    }

    func check(_ id: String, _ namespace: String) throws(ContainersError) {
        try RuntimeNames.checkIdentifier(id, field: "container id")
        try RuntimeNames.checkIdentifier(namespace, field: "namespace")
    }

    func info(_ id: String, namespace: String) async throws -> CtrContainerInfo {
        let result = try await client.require(
            ["containers", "info", id], namespace: namespace, about: Self.subject(id))
        return try CtrContainerInfo(result.output)
    }

    func taskStates(namespace: String) async throws -> [String: TaskState] {
        let result = try await client.require(
            ["tasks", "list"], namespace: namespace, about: "namespace \"\(namespace)\"")
        return CtrOutput.tasks(result.outputText)
    }

    static func subject(_ id: String) -> String { "container \"\(id)\"" }

    /// containerd's filter language: conditions joined by commas must all hold, and quotes are as in Go.
    static func filter(_ labels: [String: String]) -> [String] {
        guard !labels.isEmpty else { return [] }
        let conditions = labels.sorted { $0.key < $1.key }.map { "labels.\(quoted($0.key))==\(quoted($0.value))" }
        return [conditions.joined(separator: ",")]
    }

    static func quoted(_ text: String) -> String {
        var quoted = "\""
        for character in text.unicodeScalars {
            if character == "\"" || character == "\\" { quoted.unicodeScalars.append("\\") }
            quoted.unicodeScalars.append(character)
        }
        return quoted + "\""
    }
}
