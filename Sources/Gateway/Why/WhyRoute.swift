import HTTPTypes
import Hummingbird
import OpenFaaSAPI
import Provider

/// `GET /system/function/NAME/why`: why a function is not ready, or that it is.
struct WhyRoute {
    /// As many lines as a screen has room for.
    private static let lines = 10
    /// What is read of a function's output when a file is large; the answer must not wait for it.
    private static let timeLimit = Duration.seconds(5)

    let provider: any FunctionProvider

    func add(to routes: ControlRoutes) {
        routes.add("/system/function/:name/why", [.get: why])
    }

    @Sendable func why(_ request: Request, _ context: ControlContext) async throws -> Response {
        let name = try FunctionRoutes.name(context.parameters.get("name") ?? "", namespace: request.namespace)
        let notes = await provider.notes(on: name)
        guard let status = try await provider.status(of: name, usage: true) else {
            throw TextError(.notFound, Self.absence(name, notes))
        }
        let explanation = Explainer(status: status, notes: notes, lines: await lines(of: name)).explanation
        return try JSON.response(explanation)
    }

    /// The end of the function's output; nothing when it cannot be had, as that is no reason to say nothing at all.
    private func lines(of name: FunctionName) async -> [LogMessage] {
        await withTaskGroup(of: [LogMessage]?.self) { group in
            group.addTask {
                guard let messages = try? await provider.logs(LogRequest(name: name, tail: Self.lines)) else {
                    return []
                }
                var lines: [LogMessage] = []
                do {
                    for try await message in messages { lines.append(message) }
                } catch {
                    return lines
                }
                return lines
            }
            group.addTask {
                try? await Task.sleep(for: Self.timeLimit)
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return (first ?? []).suffix(Self.lines)
        }
    }

    static func absence(_ name: FunctionName, _ notes: ProviderNotes) -> String {
        guard let refusal = notes.refusal else {
            return
                "function \(name) not found: it was never deployed, or was deleted; `faas-cli list` has those that are there"
        }
        return "function \(name) is not deployed: at \(refusal.time) \(refusal.text)"
    }
}
