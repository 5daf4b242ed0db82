import OpenFaaSAPI
import Provider

/// Puts together why a function is ready or not. A value without I/O.
struct Explainer: Sendable {
    /// Codes by which a shell, and the watchdog, tell that there is no such program, or that it cannot be run.
    private static let noProgram = 126...127

    let status: FunctionStatus
    let notes: ProviderNotes
    let lines: [LogMessage]

    private var condition: FunctionCondition { FunctionCondition(status) }

    var explanation: FunctionExplanation {
        let condition = condition
        return FunctionExplanation(
            name: status.name, namespace: status.namespace, state: condition.state.rawValue, ready: isReady(condition),
            reason: reason(condition), advice: advice(condition), replicas: status.replicas,
            availableReplicas: status.availableReplicas, failure: status.failure,
            events: status.events ?? [], lines: lines)
    }

    /// A call wakes what rests, unless containers cannot be started.
    private func isReady(_ condition: FunctionCondition) -> Bool {
        switch condition.state {
        case .running, .frozen: true
        case .degraded, .crashLoop, .failing: status.availableReplicas > 0
        case .stopped: notes.runtimeTrouble == nil
        case .starting: false
        }
    }

    private func reason(_ condition: FunctionCondition) -> String {
        var parts = [condition.reason]
        if let trouble = notes.runtimeTrouble { parts.append("containerd does not answer: \(trouble)") }
        if let kills = status.usage?.outOfMemoryKills, kills > 0 {
            let processes = kills == 1 ? "a process of its replicas was" : "\(kills) processes of its replicas were"
            parts.append("\(processes) killed: out of memory\(limit.map { ", limit \($0)" } ?? "")")
        }
        if let refusal = notes.refusal { parts.append("at \(refusal.time) \(refusal.text); the one before stays") }
        return parts.joined(separator: "; ")
    }

    private var limit: String? { status.limits?.memory.flatMap { $0.isEmpty ? nil : $0 } }

    private func advice(_ condition: FunctionCondition) -> [String] {
        var advice: [String] = []
        if notes.runtimeTrouble != nil {
            advice.append("start containerd: systemctl restart containerd; `faasd doctor` checks the rest")
        }
        if status.usage?.outOfMemoryKills ?? 0 > 0 || status.failure?.cause == cause(.outOfMemory) {
            advice.append(
                "raise limits.memory\(limit.map { " above \($0)" } ?? "") and deploy again, or have the function use less"
            )
        }
        switch condition.state {
        case .running, .frozen, .stopped: break
        case .starting, .degraded:
            advice.append(
                "wait; if it stays so, see that the program listens on port \(Self.port)"
                    + (status.annotations[Self.readyPath].map { " and answers \($0) with 200" } ?? ""))
        case .crashLoop, .failing: advice += adviceOfFailure
        }
        return advice
    }

    private var adviceOfFailure: [String] {
        guard let failure = status.failure else { return [] }
        switch failure.cause {
        case cause(.outOfMemory): return []
        case cause(.image):
            return [
                "see that the image's name is right, that the registry is reached from here, and that DATA-DIR/.docker/"
                    + "config.json has its credentials; then deploy again"
            ]
        case cause(.notStarted): return ["`faasd doctor` checks this machine; `journalctl -u faasd` has the details"]
        case cause(.exited) where failure.exitCode.map(Self.noProgram.contains) == true:
            return ["see that fprocess names a program that is in the image and may be run"]
        case cause(.exited) where failure.exitCode == 0:
            return ["the program must go on serving, and not end: see its mode in docs/watchdog.md"]
        default:
            return ["read what it wrote: faas-cli logs \(name)"]
        }
    }

    private func cause(_ cause: FunctionFailure.Cause) -> String? { cause.rawValue }

    private var name: String {
        status.namespace == FunctionName.defaultNamespace ? status.name : "\(status.name) -n \(status.namespace)"
    }

    /// Names the path of a function's own check (docs "health and readiness").
    private static let readyPath = "com.openfaas.ready.http.path"
    /// The port that every function serves.
    private static let port = 8080
}
