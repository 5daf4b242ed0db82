public import OpenFaaSAPI

/// Told that calls wait for a function.
public protocol Waker: Sendable {
    /// A call waits for a function whose route is ``Route/State-swift.enum/waiting``.
    ///
    /// Called on an event loop, so it must return at once. It is called for the first call of a batch only:
    /// an event loop reports the same function again when the waiting calls have been released or have given up.
    ///
    /// - Parameter name: the function that is needed.
    /// - Returns: replicas that this loop can use until the next table comes, which has to name them; usually none.
    func wake(_ name: FunctionName) -> [ReplicaEndpoint]
}
