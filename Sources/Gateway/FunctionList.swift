import OpenFaaSAPI
import Provider

/// The functions of all namespaces, as the provider knows them.
struct FunctionList: Sendable {
    let provider: any FunctionProvider
    let publisher: RoutePublisher

    /// Asks for them. Which namespaces hold any is told by the routes, because a provider would have to ask others.
    ///
    /// - Throws: `ProviderError`.
    func read() async throws -> [(name: FunctionName, status: FunctionStatus)] {
        var found: [(FunctionName, FunctionStatus)] = []
        for namespace in await publisher.namespaces() {
            do {
                for status in try await provider.list(namespace: namespace, usage: false) {
                    guard let name = try? FunctionName(status.name, namespace: namespace) else { continue }
                    found.append((name, status))
                }
            } catch let error as ProviderError where [.invalid, .notFound].contains(error.code) {
                // Removed since, with its functions.
                continue
            }
        }
        return found
    }
}
