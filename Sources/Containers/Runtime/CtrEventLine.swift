import FoundationEssentials

/// A line of `ctr events`: `DATE TIME ZONE ZONE NAMESPACE TOPIC JSON`.
struct CtrEventLine {
    private struct Body: Decodable {
        enum CodingKeys: String, CodingKey {
            case containerID = "container_id"
            case id, pid, image, name, labels
            case exitStatus = "exit_status"
        }

        var containerID: String?
        var id: String?
        var pid: Int32?
        var image: String?
        var exitStatus: UInt32?
        var name: String?
        var labels: [String: String]?
    }

    let event: ContainerEvent
    /// The labels in an event about a namespace: how a subscription finds its own probe.
    let namespaceLabels: [String: String]

    /// - Returns: nil for a line that has not the form.
    init?(_ line: String) {
        let parts = line.split(separator: " ", maxSplits: 6, omittingEmptySubsequences: false)
        guard parts.count == 7, parts[5].hasPrefix("/"),
            let body = try? JSONDecoder().decode(Body.self, from: Data(parts[6].utf8))
        else { return nil }
        let topic = String(parts[5])
        event = Self.event(topic, namespace: String(parts[4]), body)
        namespaceLabels = topic.hasPrefix("/namespaces/") ? body.labels ?? [:] : [:]
    }

    private static func event(_ topic: String, namespace: String, _ body: Body) -> ContainerEvent {
        let id = body.containerID ?? body.id ?? ""
        let pid = body.pid ?? 0
        // protobuf leaves a field out when it is 0, so a missing exit status is success.
        let exitStatus = body.exitStatus ?? 0
        switch topic {
        case "/containers/create":
            return .containerCreate(id: id, namespace: namespace, image: body.image ?? "")
        case "/containers/update": return .containerUpdate(id: id, namespace: namespace)
        case "/containers/delete": return .containerDelete(id: id, namespace: namespace)
        case "/tasks/create": return .taskCreate(id: id, namespace: namespace, pid: pid)
        case "/tasks/start": return .taskStart(id: id, namespace: namespace, pid: pid)
        case "/tasks/exit" where body.id == nil || body.id == body.containerID:
            return .taskExit(id: id, namespace: namespace, pid: pid, exitStatus: exitStatus)
        case "/tasks/oom": return .taskOOM(id: id, namespace: namespace)
        case "/tasks/delete" where body.id == nil || body.id == body.containerID:
            return .taskDelete(id: id, namespace: namespace, pid: pid, exitStatus: exitStatus)
        case "/tasks/paused": return .taskPaused(id: id, namespace: namespace)
        case "/tasks/resumed": return .taskResumed(id: id, namespace: namespace)
        default: return .other(topic: topic, namespace: namespace)
        }
    }
}
