import Containers
import Logging
import OpenFaaSAPI

extension Provider {
    /// Replaces the replicas whose network somebody has damaged: a deleted bridge, a lost network namespace, rules
    /// that were flushed. Plugins can only make an attachment, not mend one.
    func mendNetwork() async {
        await enterLane(.network)
        defer { leaveLane(.network) }
        // Chosen before the look, which therefore shows all of them.
        let replicas = functions.values.flatMap(\.replicas.values).filter { $0.networkAddress != nil }
        guard !replicas.isEmpty else { return }
        do {
            let repairs = try await maker.machine.network.ensure()
            if !repairs.isEmpty {
                let text = repairs.map(\.description).sorted().joined(separator: ", ")
                logger.warning("restored what keeps functions apart", metadata: ["repaired": "\(text)"])
            }
            let survey = try await maker.machine.network.survey()
            networkWatch.forget(allBut: Set(replicas.map(\.id)))
            for replica in replicas {
                guard let damage = networkDamage(of: replica, in: survey) else { continue }
                work.add { await self.replace(replica.id, of: replica.record.function, damage: damage) }
            }
        } catch {
            logger.debug("could not look at the network", metadata: ["error": "\(error)"])
        }
    }

    /// Looks at the network in a moment, once for all replicas that came until then: only what was seen whole can be missed,
    /// and the next resync may be too late to see it so.
    func lookAtNetworkSoon() {
        guard !looksAtNetworkSoon else { return }
        looksAtNetworkSoon = true
        watches.add {
            do {
                try await Task.sleep(for: .seconds(1))
                await self.lookAtNetwork()
            } catch {
                // The provider is shutting down.
            }
        }
    }

    private func lookAtNetwork() async {
        looksAtNetworkSoon = false
        await mendNetwork()
    }

    private func networkDamage(of replica: Replica, in survey: NetworkSurvey) -> NetworkDamage? {
        let network = maker.machine.network
        guard let address = replica.networkAddress,
            let namespace = try? NetworkNamespace(replica.record.networkNamespace)
        else { return nil }
        let hasRules = network.hasRules(containerID: replica.id, address: address, in: survey)
        let rules = networkWatch.look(at: replica.id, rulesAreThere: hasRules)
        if rules == .seenFirst { logger.debug("seen the rules of a replica", metadata: ["replica": "\(replica.id)"]) }
        switch network.damage(of: namespace, containerID: replica.id) {
        case .disconnected: return .disconnected
        case .namespaceMissing: return .namespaceMissing
        case nil: return rules == .gone ? .rulesMissing : nil
        }
    }

    private func replace(_ id: String, of name: FunctionName, damage: NetworkDamage) async {
        await enterLane(.function(name))
        defer { leaveLane(.function(name)) }
        guard functions[name]?.replicas[id]?.networkAddress != nil else { return }
        logger.warning(
            "replacing a replica, because its network was damaged",
            metadata: ["function": "\(name)", "replica": "\(id)", "damage": "\(damage.rawValue)"])
        if damage == .disconnected {
            // No call under way to it can end.
            functions[name]?.replicas[id]?.state = .retiring
            await publish()
        }
        await removeReplicas([id], of: name, served: damage != .disconnected)
        await reconcileInLane(name)
    }
}

extension Replica {
    /// The address of one that serves, or can again.
    fileprivate var networkAddress: String? { serving?.address ?? stoppedAddress }
}

/// What was done to a replica's network, as the log says it.
enum NetworkDamage: String {
    case disconnected = "it is not connected to the bridge"
    case namespaceMissing = "its network namespace has no name any more"
    case rulesMissing = "its iptables rules are gone"
}

/// Remembers whose rules were seen, since only their going says something. A value, without I/O.
struct NetworkWatch: Sendable {
    /// What a look at the rules of a replica says.
    enum Sign: Equatable, Sendable {
        case nothing
        case seenFirst
        case gone
    }

    private var seen: Set<String> = []

    /// Takes note of a look. That rules are gone is said once.
    mutating func look(at replica: String, rulesAreThere: Bool) -> Sign {
        guard rulesAreThere else { return seen.remove(replica) == nil ? .nothing : .gone }
        return seen.insert(replica).inserted ? .seenFirst : .nothing
    }

    mutating func forget(allBut replicas: Set<String>) { seen.formIntersection(replicas) }
}
