import OpenFaaSAPI
import Queue
import Synchronization

/// What functions say about their asynchronous calls. The provider is asked at most once a second for each function,
/// and at once after anything about functions has changed.
final class FunctionCatalog: CallSettings {
    private struct Entry {
        let settings: AsyncSettings
        var expires: ContinuousClock.Instant
        /// Somebody asks; others take what is known until then.
        var isAsked = false
    }

    private struct State {
        var generation: UInt64 = 0
        var entries: [FunctionName: Entry] = [:]

        mutating func known(_ name: FunctionName, generation: UInt64, now: ContinuousClock.Instant) -> AsyncSettings? {
            if generation != self.generation {
                self.generation = generation
                entries = [:]
            }
            guard let entry = entries[name] else { return nil }
            guard now >= entry.expires, !entry.isAsked else { return entry.settings }
            entries[name]?.isAsked = true
            return nil
        }

        mutating func keep(_ name: FunctionName, until time: ContinuousClock.Instant) -> AsyncSettings? {
            entries[name]?.isAsked = false
            entries[name]?.expires = time
            return entries[name]?.settings
        }
    }

    private static let lifetime = Duration.seconds(1)

    private let provider: any FunctionProvider
    private let publisher: RoutePublisher
    private let state = Mutex(State())

    init(provider: any FunctionProvider, publisher: RoutePublisher) {
        self.provider = provider
        self.publisher = publisher
    }

    /// Whether it is known which functions there are: not before the provider has told once.
    var isReady: Bool { publisher.generation > 0 }

    /// What a function says, or said when the provider was last heard of; `nil` when there is no such function.
    ///
    /// - Throws: `ProviderError` when nothing is known and nothing can be learnt now.
    func find(_ name: FunctionName) async throws -> AsyncSettings? {
        let generation = publisher.generation
        if let known = state.withLock({ $0.known(name, generation: generation, now: .now) }) { return known }
        do {
            let settings = try await provider.status(of: name, usage: false).map(Self.settings)
            state.withLock { state in
                guard state.generation == generation else { return }
                state.entries[name] = settings.map { Entry(settings: $0, expires: .now + Self.lifetime) }
            }
            return settings
        } catch {
            guard let said = state.withLock({ $0.keep(name, until: .now + Self.lifetime) }) else { throw error }
            return said
        }
    }

    func settings(of function: FunctionName) async -> AsyncSettings {
        (try? await find(function)) ?? AsyncSettings()
    }

    /// Whether the function is certainly not there.
    func isGone(_ name: FunctionName) async -> Bool {
        guard isReady else { return false }
        do {
            return try await provider.status(of: name, usage: false) == nil
        } catch {
            return false
        }
    }

    /// A watchdog that refuses more than so many calls (`max_inflight`) is not sent more.
    private static func settings(_ status: FunctionStatus) -> AsyncSettings {
        var settings = AsyncSettings(annotations: status.annotations, labels: status.labels)
        if settings.concurrency == nil, let limit = status.envVars?["max_inflight"].flatMap(Int.init), limit > 0 {
            settings.concurrency = limit * Int(clamping: max(1, status.availableReplicas))
        }
        return settings
    }
}
