import Synchronization

/// What images were found to bring. A digest names its content for ever, so each is read once.
final class KnownConfigs: Sendable {
    struct Key: Hashable {
        /// The content is in one namespace's view, and may not be in another's.
        let namespace: String
        let digest: String
    }

    /// More than a machine has images; an operator who has more waits for two calls of `ctr` now and then.
    private static let limit = 512
    private let configs = Mutex<[Key: ImageConfig]>([:])

    func config(_ key: Key) -> ImageConfig? {
        configs.withLock { $0[key] }
    }

    func keep(_ config: ImageConfig, for key: Key) {
        configs.withLock {
            if $0.count >= Self.limit { $0.removeAll() }
            $0[key] = config
        }
    }
}
