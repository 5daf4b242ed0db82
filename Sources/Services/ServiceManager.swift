import Containers
public import Logging
public import NIOPosix

/// Sees that the services of the file run: reads it again when it changes, starts what is missing, and starts again what
/// has ended.
public actor ServiceManager {
    /// How often everything is looked at. It costs a read of the file, and one of /proc for each service.
    private static let interval = Duration.seconds(1)
    /// The same where there are no services.
    private static let longInterval = Duration.seconds(5)

    private static let keptExits = 256

    /// One service as it is.
    struct Unit {
        /// What it should be; nil for one that was taken out of the file.
        var spec: ServiceSpec?
        var running: ServiceMaker.Running?
        /// Since it was last up for a while.
        var failures = 0
        var retryAt = ContinuousClock.now
        /// Why it does not run, a sentence; empty while it does.
        var reason = ""
        /// Something is being done with it.
        var isBusy = false
        /// Its process has ended, and it is not to be started again.
        var isOver = false
        var restarts = 0
    }

    let file: ComposeFile
    let maker: ServiceMaker
    let stateFile: ServiceStateFile
    let forwarder: PortForwarder
    let logger: Logger
    var units: [String: Unit] = [:]
    /// In the order of their start.
    private var order: [String] = []
    private var lastText: String??
    private var problem: String?
    private var exits: [String: UInt32] = [:]
    /// Whether containerd tells of ends; before, one could be missed.
    private var isFollowing = false

    /// Makes a manager. Nothing is done yet.
    ///
    /// - Parameters:
    ///   - file: what there should be.
    ///   - maker: makes containers.
    ///   - runDirectory: where what is known of services is kept for the commands.
    ///   - group: the event loops of the forwarded ports.
    public init(
        file: ComposeFile, maker: ServiceMaker, runDirectory: String, group: MultiThreadedEventLoopGroup,
        logger: Logger
    ) {
        self.file = file
        self.maker = maker
        stateFile = ServiceStateFile(runDirectory: runDirectory)
        forwarder = PortForwarder(group: group, logger: logger)
        self.logger = logger
    }

    /// Keeps services and file in agreement until the task is cancelled; the services go on then.
    public func run() async {
        stateFile.forgetRequests()
        await withDiscardingTaskGroup { group in
            var adopted = false
            var following = false
            while !Task.isCancelled {
                readFile()
                // Without services nothing is asked of containerd. Before a file was understood, nobody knows which of
                // those that run are not wanted any more.
                if !adopted, problem == nil, !units.isEmpty || stateFile.exists || maker.hasNotes {
                    adopted = await adopt()
                }
                if adopted {
                    if !following, !units.isEmpty {
                        following = true
                        group.addTask { await self.followExits() }
                    }
                    restartThoseAskedFor()
                    for (name, work) in due() {
                        units[name]?.isBusy = true
                        group.addTask { await self.perform(work, name) }
                    }
                    await publish()
                }
                try? await Task.sleep(for: units.isEmpty ? Self.longInterval : Self.interval)
            }
            group.cancelAll()
        }
        await forwarder.close()
    }

    private func readFile() {
        let text: String?
        do {
            text = try file.text()
            guard lastText != .some(text) else { return }
            lastText = .some(text)
            let services = try file.services()
            problem = nil
            order = services.map(\.name)
            for name in units.keys where !order.contains(name) { units[name]?.spec = nil }
            for service in services {
                let isSame = units[service.name]?.spec?.digest == service.digest
                units[service.name, default: Unit()].spec = service
                if !isSame {
                    units[service.name]?.isOver = false
                    units[service.name]?.failures = 0
                    units[service.name]?.retryAt = .now
                }
            }
        } catch {
            guard problem != "\(error)" else { return }
            problem = "\(error)"
            logger.error("the services stay as they are: their file cannot be used", metadata: ["error": "\(error)"])
        }
    }

    /// Takes over the containers that an earlier run made.
    ///
    /// - Returns: whether containerd answered.
    private func adopt() async -> Bool {
        do {
            for found in try await maker.existing() {
                if let running = found.running, units[found.name]?.spec != nil, units[found.name]?.running == nil {
                    units[found.name]?.running = running
                } else {
                    await maker.remove(id: found.id)
                }
            }
            try writeHosts()
            return true
        } catch {
            logger.debug("services wait for containerd", metadata: ["error": "\(error)"])
            return false
        }
    }

    private func followExits() async {
        while !Task.isCancelled {
            do {
                for try await event in maker.parts.runtime.events() {
                    if case .subscribed = event { isFollowing = true }
                    guard case .taskExit(let id, maker.settings.namespace, _, let status) = event else { continue }
                    // Of those that were ended on purpose nobody asks.
                    if exits.count >= Self.keptExits { exits.removeAll() }
                    exits[id] = status
                }
            } catch {
                // containerd is down: what has ended meanwhile is seen by its process.
            }
            try? await Task.sleep(for: .seconds(1))
        }
    }

    private func restartThoseAskedFor() {
        for name in stateFile.takeRequests() {
            guard let unit = units[name], unit.spec != nil else { continue }
            units[name]?.isOver = false
            units[name]?.failures = 0
            units[name]?.retryAt = .now
            if unit.running != nil { units[name]?.running?.digest = "" }
            logger.notice("restarting a service", metadata: ["service": "\(name)"])
        }
    }

    /// What is to be done with a service.
    enum Work {
        case start(ServiceSpec)
        case remove(ServiceMaker.Running)
        case ended(ServiceMaker.Running)
    }

    private func due() -> [(String, Work)] {
        var list: [(String, Work)] = []
        for (name, unit) in units where !unit.isBusy {
            if let running = unit.running {
                if unit.spec?.digest != running.digest {
                    list.append((name, .remove(running)))
                } else if !maker.isAlive(running) {
                    list.append((name, .ended(running)))
                }
            } else if unit.spec == nil {
                units[name] = nil
            }
        }
        guard isFollowing else { return list }
        let up = Set(units.filter { $0.value.running != nil && !$0.value.isBusy }.keys)
        for name in order {
            guard let unit = units[name], let spec = unit.spec, unit.running == nil, !unit.isBusy, !unit.isOver,
                unit.retryAt <= .now, up.isSuperset(of: spec.dependsOn)
            else { continue }
            list.append((name, .start(spec)))
        }
        return list
    }

    private func perform(_ work: Work, _ name: String) async {
        switch work {
        case .start(let spec): await start(spec)
        case .remove(let running):
            await maker.remove(id: running.id)
            units[name]?.running = nil
        case .ended(let running): await ended(running, name)
        }
        units[name]?.isBusy = false
        do {
            try writeHosts()
        } catch {
            logger.warning("the names of services could not be written", metadata: ["error": "\(error)"])
        }
    }

    private func start(_ spec: ServiceSpec) async {
        if units[spec.name]?.reason == "" { units[spec.name]?.reason = "it is being started" }
        do {
            let running = try await maker.make(spec) { address in
                await self.announce(spec.name, address)
            }
            units[spec.name]?.running = running
            units[spec.name]?.reason = ""
            logger.notice(
                "service runs",
                metadata: ["service": "\(spec.name)", "container": "\(running.id)", "address": "\(running.address)"])
        } catch {
            fail(spec.name, "\(error)")
        }
    }

    /// Its address is known before its process runs, so that it finds itself and others.
    private func announce(_ name: String, _ address: String) {
        try? writeHosts(adding: (name, address))
    }

    private func ended(_ running: ServiceMaker.Running, _ name: String) async {
        // containerd tells of the end a moment after the kernel.
        if exits[running.id] == nil { try? await Task.sleep(for: .milliseconds(300)) }
        let status = exits.removeValue(forKey: running.id)
        let how = status.map { $0 > 128 ? " by signal \($0 - 128)" : " with exit code \($0)" } ?? ""
        await maker.remove(id: running.id)
        units[name]?.running = nil
        switch units[name]?.spec?.restart {
        case .never: units[name]?.isOver = true
        case .onFailure where status == 0: units[name]?.isOver = true
        default: break
        }
        if running.since.duration(to: .now) >= .seconds(10) { units[name]?.failures = 0 }
        if units[name]?.isOver == false { units[name]?.restarts += 1 }
        fail(name, "it ended\(how)")
    }

    private func fail(_ name: String, _ reason: String) {
        guard var unit = units[name] else { return }
        unit.reason = reason
        unit.failures += 1
        unit.retryAt = .now + ServiceBackoff.wait(afterFailures: unit.failures)
        units[name] = unit
        logger.warning("service does not run", metadata: ["service": "\(name)", "reason": "\(reason)"])
    }

    private func writeHosts(adding: (name: String, address: String)? = nil) throws {
        var names = units.compactMap { name, unit in unit.running.map { (name: name, address: $0.address) } }
        if let adding { names.append(adding) }
        try maker.parts.hostFiles.writeHosts(
            [(name: "gateway", address: maker.settings.gatewayAddress)] + names.sorted { $0.name < $1.name })
    }

    /// Leads ports to where the services are, and writes down how they are.
    private func publish() async {
        var wanted: [PortForwarder.Forward] = []
        for (_, unit) in units {
            guard let running = unit.running, let spec = unit.spec else { continue }
            wanted += spec.ports.map { PortForwarder.Forward(port: $0, target: running.address) }
        }
        let refused = await forwarder.set(wanted)
        stateFile.write(
            ServiceStateFile.Contents(
                problem: problem,
                services: order.compactMap { name in
                    units[name].flatMap { unit in unit.spec.map { state(of: unit, $0, refused) } }
                }))
    }

    private func state(of unit: Unit, _ spec: ServiceSpec, _ refused: [String: String]) -> ServiceState {
        let ports = spec.ports.map { "\($0.address):\($0.published)->\($0.target)" }
        let problems = spec.ports.compactMap { refused["\($0.address):\($0.published)"] }
        let word =
            unit.running != nil ? "running" : unit.isOver ? "ended" : unit.failures > 0 ? "failing" : "starting"
        return ServiceState(
            name: spec.name, image: spec.image.familiar, state: word,
            reason: ([unit.reason] + problems).filter { !$0.isEmpty }.joined(separator: "; "),
            address: unit.running?.address, container: unit.running?.id, ports: ports, restarts: unit.restarts)
    }
}

/// How long to wait before a service is started again.
enum ServiceBackoff {
    static func wait(afterFailures failures: Int) -> Duration {
        failures <= 1 ? .zero : min(.seconds(60), .seconds(1 << min(failures - 2, 6)))
    }
}
