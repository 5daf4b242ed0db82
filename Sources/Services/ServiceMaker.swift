public import Containers
import Foundation
import Glibc
public import Logging

/// Makes the containers of services, and takes them apart again.
public struct ServiceMaker: Sendable {
    /// Marks this instance's containers.
    static let instanceLabel = "faasd.instance"
    static let serviceLabel = "faasd.service"
    static let digestLabel = "faasd.service.digest"

    /// Where a service is to be.
    public struct Settings: Sendable {
        /// containerd's namespace.
        public var namespace: String
        /// The name of this instance, which is that of its bridge.
        public var instance: String
        /// The gateway's address on the bridge.
        public var gatewayAddress: String
        /// The root of the logs' file store.
        public var logDirectory: String
        /// Where notes are kept that do not outlive a reboot.
        public var runDirectory: String
        /// The program that collects what containers write.
        public var collector: String
        /// How long a service may take to end.
        public var stopGrace: Duration

        /// Makes settings.
        public init(
            namespace: String, instance: String, gatewayAddress: String, logDirectory: String, runDirectory: String,
            collector: String, stopGrace: Duration
        ) {
            self.namespace = namespace
            self.instance = instance
            self.gatewayAddress = gatewayAddress
            self.logDirectory = logDirectory
            self.runDirectory = runDirectory
            self.collector = collector
            self.stopGrace = stopGrace
        }
    }

    /// The parts of the machine.
    public struct Parts: Sendable {
        let runtime: any ContainerRuntime
        let images: ImageStore
        let network: CNINetwork
        let networkNamespaces: NetworkNamespaces
        let hostFiles: HostFiles

        /// Names the parts.
        public init(
            runtime: any ContainerRuntime, images: ImageStore, network: CNINetwork,
            networkNamespaces: NetworkNamespaces, hostFiles: HostFiles
        ) {
            self.runtime = runtime
            self.images = images
            self.network = network
            self.networkNamespaces = networkNamespaces
            self.hostFiles = hostFiles
        }
    }

    /// A container whose process runs.
    struct Running: Sendable {
        let id: String
        let address: String
        let pid: Int32
        /// Of the entry that it was made from.
        var digest: String
        var since = ContinuousClock.now
    }

    /// Those that Docker gives to every container, but for what could forge an address or make a device.
    private static let capabilities = [
        "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_NET_BIND_SERVICE", "CAP_SETFCAP",
        "CAP_SETGID", "CAP_SETPCAP", "CAP_SETUID", "CAP_SYS_CHROOT",
    ]

    let settings: Settings
    let parts: Parts
    let logger: Logger

    /// Makes a value. Nothing is done yet.
    public init(settings: Settings, parts: Parts, logger: Logger) {
        self.settings = settings
        self.parts = parts
        self.logger = logger
    }

    /// Makes and starts a service. After an error nothing of it is left but its image.
    ///
    /// - Parameter attached: told of the address before the process starts.
    func make(_ spec: ServiceSpec, attached: @escaping @Sendable (String) async -> Void) async throws -> Running {
        try makeFolders(spec)
        try await parts.runtime.createNamespace(settings.namespace, labels: [:])
        var image = try await parts.images.ensure(spec.image, namespace: settings.namespace, policy: .ifNotPresent)
        if let user = spec.user {
            image = try await parts.images.image(
                image, runAs: user, namespace: settings.namespace, folder: settings.runDirectory + "/services/images")
        }
        let config = try await parts.images.config(image, namespace: settings.namespace)
        try config.check()
        let random = String(UInt32.random(in: .min ... .max), radix: 16)
        let id = "\(spec.name)-" + String(repeating: "0", count: 8 - random.count) + random
        let container = try container(spec, id: id, image: image, config: config)
        // What was begun is brought to its end, also when the daemon ends.
        return try await Task { try await start(container, spec, attached: attached) }.value
    }

    private func start(
        _ container: ContainerSpec, _ spec: ServiceSpec, attached: @escaping @Sendable (String) async -> Void
    ) async throws -> Running {
        let namespace = try networkNamespace(of: container.id)
        do {
            try notes.add(container.id)
            // Whoever it runs as may have any port: it is alone in there.
            try await parts.networkNamespaces.create(namespace, unprivilegedPortStart: 0)
            let attachment = try await parts.network.attach(namespace, containerID: container.id, isShared: true)
            await attached(attachment.address)
            let task = try await parts.runtime.run(container)
            return Running(id: container.id, address: attachment.address, pid: task.pid, digest: spec.digest)
        } catch {
            await remove(id: container.id)
            throw error
        }
    }

    /// Whether there is anything that an earlier run made.
    var hasNotes: Bool { !notes.all.isEmpty }

    /// The names and addresses of what an earlier run made, for who comes before the first look at it.
    public var addresses: [(name: String, address: String)] {
        notes.all.compactMap { id in
            guard let end = id.lastIndex(of: "-"), let attachment = parts.network.attachment(of: id) else { return nil }
            return (String(id[..<end]), attachment.address)
        }
    }

    private var notes: ServiceNotes { ServiceNotes(folder: settings.runDirectory + "/services/made") }

    /// The container's own: both end with the same digits.
    private func networkNamespace(of id: String) throws -> NetworkNamespace {
        try NetworkNamespace("\(settings.instance)-\(id.split(separator: "-").last ?? "")")
    }

    private func container(
        _ spec: ServiceSpec, id: String, image: ImageInfo, config: ImageConfig
    ) throws -> ContainerSpec {
        let folders = spec.volumes.map { Mount(.bind($0.source), at: $0.target, readOnly: $0.readOnly) }
        let files = [
            Mount(.bind(parts.hostFiles.hostsPath), at: "/etc/hosts", readOnly: true),
            Mount(.bind(parts.hostFiles.resolverPath), at: "/etc/resolv.conf", readOnly: true),
        ]
        let temporary = spec.readOnly ? [Mount(.tmpfs(sizeBytes: 64 << 20), at: "/tmp")] : []
        return ContainerSpec(
            id: id, namespace: settings.namespace, image: image.name, arguments: Self.arguments(spec, config),
            environment: spec.environment, mounts: files + temporary + folders,
            labels: [
                Self.instanceLabel: settings.instance, Self.serviceLabel: spec.name, Self.digestLabel: spec.digest,
            ],
            networkNamespacePath: try networkNamespace(of: id).path, readOnlyRootFilesystem: spec.readOnly,
            addCapabilities: Self.capabilities + spec.addedCapabilities.filter { !Self.capabilities.contains($0) },
            logTarget: LogTarget(
                binary: settings.collector,
                options: try LogOptions(
                    name: spec.name, directory: settings.logDirectory, fields: ["FAASD_SERVICE": spec.name])),
            hostname: spec.name)
    }

    /// As Compose has it: an entrypoint of the file's takes the image's command away.
    static func arguments(_ spec: ServiceSpec, _ config: ImageConfig) -> [String]? {
        if let entrypoint = spec.entrypoint, !entrypoint.isEmpty { return entrypoint + (spec.command ?? []) }
        return spec.command.map { config.entrypoint + $0 }
    }

    /// Whether its process is there, and is its own.
    func isAlive(_ running: Running) -> Bool {
        (try? Cgroup.ofTask(running.pid, container: running.id, namespace: settings.namespace)) != nil
    }

    /// Stops and removes all parts of a service; what is absent is fine. What was begun is brought to its end, also when
    /// the daemon ends.
    func remove(id: String) async {
        await Task { await removeAll(of: id) }.value
    }

    private func removeAll(of id: String) async {
        do {
            try await parts.runtime.stop(id, namespace: settings.namespace, grace: settings.stopGrace)
            try await parts.runtime.delete(id, namespace: settings.namespace)
            let namespace = try networkNamespace(of: id)
            try await parts.network.detach(namespace, containerID: id)
            try await parts.networkNamespaces.delete(namespace)
            notes.remove(id)
        } catch {
            logger.warning(
                "could not remove all of a service", metadata: ["container": "\(id)", "error": "\(error)"])
        }
    }

    /// This instance's containers of services, each with its process, if all of it is as it should be.
    func existing() async throws -> [(id: String, name: String, running: Running?)] {
        let labels = [Self.instanceLabel: settings.instance]
        var found: [(id: String, name: String, running: Running?)] = []
        for container in try await parts.runtime.list(namespace: settings.namespace, labels: labels) {
            let details = try await parts.runtime.inspect(container.id, namespace: settings.namespace)
            guard let name = details.labels[Self.serviceLabel] else { continue }
            found.append((container.id, name, running(container, details)))
        }
        // Of a daemon that was killed half way.
        for id in notes.all where !found.contains(where: { $0.id == id }) { found.append((id, "", nil)) }
        return found
    }

    private func running(_ container: ContainerSummary, _ details: ContainerDetails) -> Running? {
        guard let pid = container.task.pid, let digest = details.labels[Self.digestLabel],
            let namespace = try? networkNamespace(of: container.id),
            parts.network.isAttached(namespace, containerID: container.id),
            let attachment = parts.network.attachment(of: container.id)
        else { return nil }
        return Running(id: container.id, address: attachment.address, pid: pid, digest: digest)
    }

    /// Removes all services of this instance; the network must still be there. For a daemon that does not run.
    ///
    /// - Throws: when containerd does not answer.
    public func tearDown() async throws {
        for container in try await existing() { await remove(id: container.id) }
    }

    /// Folders beside the file are made; others must be there, since a wrong path would be an empty folder.
    private func makeFolders(_ spec: ServiceSpec) throws {
        for volume in spec.volumes where access(volume.source, F_OK) != 0 {
            guard volume.isBesideFile else {
                throw ServicesError(
                    "the volume \(volume.source) is not there; make it, or write ./NAME for a folder beside the file")
            }
            try FileManager.default.createDirectory(atPath: volume.source, withIntermediateDirectories: true)
        }
    }
}
