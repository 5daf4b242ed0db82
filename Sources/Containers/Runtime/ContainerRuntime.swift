/// What runs containers on this machine, seen from above.
///
/// Terms are containerd's. A *namespace* keeps names apart: the same container id may exist in two namespaces.
/// An *image* is what a *container* was made from; a container is a record with a *snapshot* as its root file
/// system; a *task* is the running process of a container. A container may be without a task, and its task may
/// have stopped; both are normal and `delete` deals with both.
///
/// Every call names its namespace. Every call is bounded in time, checks its names before anything is done, and
/// throws ``ContainersError`` (`invalidArgument` for a bad name, `unavailable` while containerd is down) or
/// `CancellationError`.
public protocol ContainerRuntime: Sendable {
    /// Makes a container and starts its task.
    ///
    /// The image must be present in the namespace (see ``ImageStore``). When the calling task is cancelled, what was
    /// begun is brought to its end and undone before this throws, which takes a moment.
    ///
    /// - Returns: The task with its process id on the host.
    /// - Throws: `alreadyExists` when the id is taken (what has it is not touched); `imageNotFound`;
    ///   `startFailed` when the process cannot be started, or one of its limits cannot be set. After any failure
    ///   neither container, snapshot nor task of this call is left behind.
    func run(_ spec: ContainerSpec) async throws -> RunningTask

    /// Ends a task: SIGTERM, and SIGKILL to all its processes after `grace`. Waits until it has ended.
    ///
    /// The container stays. An absent container, or one without a running task, is fine.
    func stop(_ id: String, namespace: String, grace: Duration) async throws

    /// Starts the task of a container that has none (else `alreadyExists`). Its files are as its last task left them.
    /// - Throws: `notFound`; `alreadyExists`; `startFailed`, after which it has none.
    func start(_ task: TaskSpec) async throws -> RunningTask

    /// Ends a task as `stop` does, and removes it. The container can be started.
    func end(_ id: String, namespace: String, grace: Duration) async throws

    /// Sends a signal to the first process of the task.
    ///
    /// - Throws: `notFound` when there is no running task.
    func kill(_ id: String, namespace: String, signal: Int32) async throws

    /// Removes task (with SIGKILL if it still runs), container and snapshot. What is absent is fine.
    func delete(_ id: String, namespace: String) async throws

    /// The containers of a namespace that carry all of `labels`, each with the state of its task.
    ///
    /// Two questions to containerd, whatever the number of containers. An absent namespace has no containers.
    func list(namespace: String, labels: [String: String]) async throws -> [ContainerSummary]

    /// All about one container.
    ///
    /// - Throws: `notFound`.
    func inspect(_ id: String, namespace: String) async throws -> ContainerDetails

    /// Runs a second program inside a running container and waits for its end.
    ///
    /// When the time limit passes the program inside is killed, too.
    ///
    /// - Returns: The program's own status and output.
    /// - Throws: `notFound` when there is no running task; `startFailed` when there is no such program in the
    ///   container; `timedOut`.
    func exec(_ id: String, namespace: String, _ program: ExecSpec) async throws -> CommandResult

    /// What happens to containers and tasks in all namespaces from now on.
    ///
    /// Ends with an error when containerd goes away (`unavailable`) and when the reader is too slow for the
    /// bounded buffer (`internalError`). After either, subscribe again and then `list`: what happened in between
    /// is not told. `.subscribed` is the first element, and says that nothing after it is missed.
    func events() -> AsyncThrowingStream<ContainerEvent, any Error>

    /// The namespaces with their labels.
    func namespaces() async throws -> [ContainerNamespace]

    /// Makes a namespace, and sets the labels given on one that exists. Other labels stay.
    func createNamespace(_ name: String, labels: [String: String]) async throws

    /// Removes a namespace. An absent one is fine.
    ///
    /// - Throws: `invalidArgument` while it still holds containers or images.
    func removeNamespace(_ name: String) async throws

    /// The versions of both sides, and so a proof that containerd answers.
    ///
    /// - Throws: `unavailable` when it does not.
    func version() async throws -> RuntimeVersion
}

extension ContainerRuntime {
    /// All containers of a namespace.
    public func list(namespace: String) async throws -> [ContainerSummary] {
        try await list(namespace: namespace, labels: [:])
    }
}
