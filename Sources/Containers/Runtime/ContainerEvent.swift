/// Something that happened to a container or its task, as containerd tells it.
public enum ContainerEvent: Sendable, Equatable {
    /// The subscription holds; nothing that happens after this is missed.
    case subscribed
    /// A container was made.
    case containerCreate(id: String, namespace: String, image: String)
    /// A container's record was changed.
    case containerUpdate(id: String, namespace: String)
    /// A container was removed.
    case containerDelete(id: String, namespace: String)
    /// A task was made.
    case taskCreate(id: String, namespace: String, pid: Int32)
    /// A task's first process was started.
    case taskStart(id: String, namespace: String, pid: Int32)
    /// A task's first process has ended. A signal N shows as exit status 128 + N.
    case taskExit(id: String, namespace: String, pid: Int32, exitStatus: UInt32)
    /// The kernel killed a process of the task because the memory limit was reached.
    case taskOOM(id: String, namespace: String)
    /// A task's record was removed.
    case taskDelete(id: String, namespace: String, pid: Int32, exitStatus: UInt32)
    /// A task was frozen by the runtime.
    case taskPaused(id: String, namespace: String)
    /// A frozen task goes on.
    case taskResumed(id: String, namespace: String)
    /// Anything else: images, snapshots, namespaces, and programs run inside containers by `exec`.
    case other(topic: String, namespace: String)
}
