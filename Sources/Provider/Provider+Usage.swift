import Containers
import OpenFaaSAPI

extension Provider {
    /// Adds to each status what its replicas use now.
    ///
    /// It reads control groups; no program is called. The first time it takes a tenth of a second, as CPU time is a
    /// difference.
    func addingUsage(to statuses: [FunctionStatus]) async -> [FunctionStatus] {
        meter.keepOnly(Set(functions.values.flatMap(\.replicas.keys)))
        let processes = statuses.flatMap(processes)
        let now = ContinuousClock.now
        let fresh = processes.filter { !meter.hasReading($0.id, now: now) }
        for (id, pid) in fresh {
            if let reading = UsageMeter.read(pid: pid) { meter.begin(id, reading) }
        }
        if !fresh.isEmpty { try? await Task.sleep(for: UsageMeter.wait) }
        return statuses.map { status in
            var status = status
            status.usage = usage(of: status)
            return status
        }
    }

    /// What each replica has used so far. No program is called, and nothing is waited for.
    public func replicaUsage() async -> [ReplicaUsage] {
        functions.flatMap { name, function in
            function.replicas.values.compactMap { replica in
                replica.pid.flatMap(UsageMeter.read).map {
                    ReplicaUsage(
                        function: name, replica: replica.id, cpuSeconds: Double($0.cpuNanoseconds) / 1e9,
                        memoryBytes: $0.memoryBytes, memoryLimitBytes: $0.memoryLimitBytes,
                        outOfMemoryKills: $0.outOfMemoryKills)
                }
            }
        }
    }

    private func usage(of status: FunctionStatus) -> FunctionUsage {
        var total = FunctionUsage(cpu: 0, totalMemoryBytes: 0)
        for (id, pid) in processes(of: status) {
            guard let reading = UsageMeter.read(pid: pid) else { continue }
            total.cpu += meter.end(id, reading)
            total.totalMemoryBytes += Double(reading.memoryBytes)
            if reading.outOfMemoryKills > 0 {
                total.outOfMemoryKills = (total.outOfMemoryKills ?? 0) + reading.outOfMemoryKills
            }
        }
        return total
    }

    private func processes(of status: FunctionStatus) -> [(id: String, pid: Int32)] {
        guard let name = try? FunctionName(status.name, namespace: status.namespace) else { return [] }
        return (functions[name]?.replicas.values ?? [:].values).compactMap { replica in
            replica.pid.map { (id: replica.id, pid: $0) }
        }
    }
}
