import Logging
import OpenFaaSAPI
import Provider

/// Follows the functions of a provider, so that the proxy knows where calls go, and brings up those that sleep.
actor RemoteRoutes {
    /// How often a function that calls wait for is looked at: as often as OpenFaaS's own gateway does.
    private static let wakeInterval = Duration.milliseconds(100)
    /// How long: a call does not wait longer.
    private static let wakeLimit = Duration.seconds(30)
    /// How many namespaces are asked for their functions at most.
    private static let namespaceLimit = 1000
    /// How often a name is looked up again without a cause.
    private static let lookupInterval = Duration.seconds(10)

    private let client: ProviderClient
    private let publisher: RoutePublisher
    private let logger: Logger
    private var table = RemoteTable()
    private var pause = PollPause()
    private var isReachable = true
    /// Whether the provider's lists say how many replicas are available; faasd's do not.
    private var listsTellAvailability = false
    private var lookedUpAt: ContinuousClock.Instant?
    private var waking: Set<FunctionName> = []
    private nonisolated let wakes: AsyncStream<FunctionName>
    private nonisolated let wakesInput: AsyncStream<FunctionName>.Continuation

    init(client: ProviderClient, publisher: RoutePublisher, logger: Logger) {
        self.client = client
        self.publisher = publisher
        self.logger = logger
        // Each event loop reports a function once until its calls are released, so this is far more than can come.
        (wakes, wakesInput) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(65_536))
    }

    /// Works until it is cancelled.
    func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.poll() }
            for await name in wakes {
                group.addTask { await self.bringUp(name) }
            }
        }
    }

    /// Calls wait for a function. Returns at once.
    nonisolated func wake(_ name: FunctionName) {
        wakesInput.yield(name)
    }

    /// Looks at one function now; its route is in use when this returns.
    func read(_ name: FunctionName) async {
        do {
            _ = try await readStatus(of: name)
        } catch {
            // The next list brings what this did not.
            logger.debug("function not read", metadata: ["function": "\(name)", "error": "\(error)"])
        }
    }

    /// Looks at all functions now.
    func readAll() async {
        do {
            try await lookUp()
            let reading = table.begin()
            table.adopt(try await allFunctions(), of: reading)
            await publish()
            pause.answered()
            if !isReachable { logger.notice("the provider answers again", metadata: ["url": "\(client.address)"]) }
            isReachable = true
        } catch is CancellationError {
            return
        } catch {
            pause.failed()
            lookedUpAt = nil
            guard isReachable else { return }
            isReachable = false
            logger.warning(
                "the provider's functions could not be read; calls go where they went before",
                metadata: ["url": "\(client.address)", "error": "\(error)"])
        }
    }

    private func poll() async {
        while !Task.isCancelled {
            await readAll()
            try? await Task.sleep(for: pause.length)
        }
    }

    // MARK: Reading

    private func allFunctions() async throws -> [FunctionName: RemoteTable.Function] {
        var found: [FunctionName: RemoteTable.Function] = [:]
        for namespace in try await client.namespaces().prefix(Self.namespaceLimit) {
            let functions: [FunctionStatus]
            do {
                functions = try await client.functions(namespace: namespace)
            } catch let error as ProviderError where [.invalid, .notFound].contains(error.code) {
                // Removed since the namespaces were listed.
                continue
            }
            if functions.contains(where: { $0.availableReplicas > 0 }) { listsTellAvailability = true }
            for function in functions {
                // A name that no path can hold can be listed, but not called.
                guard let name = try? FunctionName(function.name, namespace: function.namespace) else { continue }
                found[name] = RemoteTable.Function(
                    isAvailable: try await isAvailable(function, name), timeout: Self.timeout(of: function))
            }
        }
        return found
    }

    private func isAvailable(_ listed: FunctionStatus, _ name: FunctionName) async throws -> Bool {
        guard listed.replicas > 0, listed.availableReplicas == 0, !listsTellAvailability else {
            return listed.availableReplicas > 0
        }
        // The number is left out where it is zero, and where it is not known; a single function's status tells.
        return try await client.function(name).map { $0.availableReplicas > 0 } ?? false
    }

    private static func timeout(of function: FunctionStatus) -> Duration? {
        CallTimeout.of(
            annotations: function.annotations, labels: function.labels, environment: function.envVars ?? [:])
    }

    private func readStatus(of name: FunctionName) async throws -> FunctionStatus? {
        let reading = table.begin()
        let status = try await client.function(name)
        let function = status.map {
            RemoteTable.Function(isAvailable: $0.availableReplicas > 0, timeout: Self.timeout(of: $0))
        }
        table.adopt(function, for: name, of: reading)
        await publish()
        return status
    }

    private func publish() async {
        await publisher.publish(table.routes(to: client.address), version: table.version)
    }

    private func lookUp() async throws {
        let now = ContinuousClock.now
        if let lookedUpAt, now - lookedUpAt < Self.lookupInterval { return }
        let found = try await HostResolver.addresses(of: client.address.host)
        lookedUpAt = now
        // A name may have several addresses, told in changing order; one that still holds is kept.
        if let address = table.address, found.contains(address) { return }
        if let first = found.first { table.move(to: first) }
    }

    // MARK: Waking

    private func bringUp(_ name: FunctionName) async {
        guard waking.insert(name).inserted else { return }
        defer { waking.remove(name) }
        let deadline = ContinuousClock.now + Self.wakeLimit
        var wasScaled = false
        while !Task.isCancelled, ContinuousClock.now < deadline {
            do {
                guard let status = try await readStatus(of: name), status.availableReplicas == 0 else { return }
                if status.replicas == 0, !wasScaled {
                    wasScaled = true
                    try await client.scale(name, to: Self.replicasToWake(status.labels))
                }
            } catch {
                logger.debug("could not wake a function", metadata: ["function": "\(name)", "error": "\(error)"])
            }
            try? await Task.sleep(for: Self.wakeInterval)
        }
    }

    /// What the label `com.openfaas.scale.min` asks for; 1 where it asks for nothing that can be.
    static func replicasToWake(_ labels: [String: String]) -> UInt64 {
        max(labels["com.openfaas.scale.min"].flatMap(UInt64.init) ?? 1, 1)
    }
}
