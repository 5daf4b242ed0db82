import HTTPTypes
import Hummingbird
import Logging
import OpenFaaSAPI
import Provider

/// `POST /system/alert`: the webhook of Alertmanager (its docs "webhook_config"), as OpenFaaS's gateway has it.
struct AlertRoute {
    /// What is read of the body.
    private struct Notification: Decodable {
        struct Alert: Decodable {
            let status: String?
            let labels: [String: String]?
        }

        let alerts: [Alert]
    }

    /// More than Alertmanager puts into one group on one machine.
    private static let alertLimit = 1000

    let provider: any FunctionProvider
    let autoscaler: Autoscaler
    let logger: Logger

    func add(to routes: ControlRoutes) {
        routes.add("/system/alert", [.post: alert])
    }

    /// Scales the functions that alerts name. One that is not there is passed over, since an alert may outlive its
    /// function; what cannot be scaled fails the whole, so that Alertmanager sends it again.
    @Sendable func alert(_ request: Request, _ context: ControlContext) async throws -> Response {
        let notification = try await JSON.decode(Notification.self, from: request)
        guard notification.alerts.count <= Self.alertLimit else {
            throw TextError(.contentTooLarge, "more than \(Self.alertLimit) alerts; group them by function_name")
        }
        var failures: [String] = []
        for (name, isFiring) in Self.functions(notification.alerts, skipping: skip) {
            do {
                try await handle(name, isFiring: isFiring)
            } catch {
                failures.append("\(name): \(error)")
            }
        }
        guard failures.isEmpty else {
            throw TextError(.internalServerError, "could not scale " + failures.joined(separator: "; "))
        }
        return Response(status: .ok)
    }

    /// Each function once: it is under load when one of its alerts fires.
    private static func functions(
        _ alerts: [Notification.Alert], skipping skip: (String) -> Void
    ) -> [(FunctionName, isFiring: Bool)] {
        var order: [FunctionName] = []
        var firing: [FunctionName: Bool] = [:]
        for alert in alerts {
            guard let text = alert.labels?["function_name"] else { continue }
            guard let name = try? FunctionName(qualified: text) else {
                skip(text)
                continue
            }
            if firing[name] == nil { order.append(name) }
            firing[name] = firing[name] == true || alert.status == "firing"
        }
        return order.map { ($0, firing[$0] ?? false) }
    }

    private func skip(_ text: String) {
        logger.notice("an alert names no function", metadata: ["function_name": "\(text.prefix(200))"])
    }

    private func handle(_ name: FunctionName, isFiring: Bool) async throws {
        guard let status = try await provider.status(of: name, usage: false) else {
            autoscaler.floors.lift(name)
            logger.notice("an alert names a function that is not there", metadata: ["function": "\(name)"])
            return
        }
        let settings = ScaleSettings(labels: status.labels)
        let next = AlertRule(settings: settings).replicas(
            after: Int(clamping: status.replicas), isFiring: isFiring)
        if isFiring {
            if status.replicas > 0 { autoscaler.floors.raise(name, to: next ?? Int(clamping: status.replicas)) }
        } else {
            autoscaler.floors.lift(name)
            // Where the load is followed as well, it says when fewer are enough.
            guard !autoscaler.follows(settings) else { return }
        }
        guard let next else { return }
        try await provider.scale(name, to: UInt64(next))
        logger.info(
            "scaling",
            metadata: [
                "function": "\(name)", "from": "\(status.replicas)", "to": "\(next)",
                "reason": "an alert \(isFiring ? "fires" : "was resolved")",
            ])
    }
}
