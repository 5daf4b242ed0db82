import OpenFaaSAPI
import Provider
import Proxy

/// Tells the provider that calls wait for a function, so that it looks at it at once.
struct ProviderWaker: Waker {
    let provider: any FunctionProvider

    func wake(_ name: FunctionName) -> [ReplicaEndpoint] {
        provider.wake(name).map { ReplicaEndpoint($0) }
    }
}
