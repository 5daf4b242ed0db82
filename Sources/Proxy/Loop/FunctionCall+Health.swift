import Logging
import NIOCore
import OpenFaaSAPI

/// What a call tells about the health of its replica. Which status a function answered says nothing about that.
extension FunctionCall {
    /// The call has failed by the replica's fault. To be called before ``leave(_:)``.
    func replicaFailed(_ place: Int) {
        // Others of the table of now, not of the one that the call began with.
        guard case .ready(let places)? = worker.route(of: route.name)?.state, places.contains(place),
            let ejection = worker.pool.failed(at: place, among: places, now: .now())
        else { return }
        worker.logger.warning(
            "a replica fails and is left out for a while",
            metadata: replicaMetadata(place, ["failures": "\(ejection.failures)", "seconds": "\(ejection.seconds)"]))
    }

    /// The replica has answered, to the end. To be called before ``leave(_:)``.
    func replicaSucceeded(_ place: Int) {
        guard worker.pool.succeeded(at: place) else { return }
        worker.logger.info("a replica that was left out serves again", metadata: replicaMetadata(place, [:]))
    }

    private func replicaMetadata(_ place: Int, _ more: Logger.Metadata) -> Logger.Metadata {
        let known: Logger.Metadata = [
            "function": "\(route.name)", "replica": "\(worker.pool.endpoint(at: place)?.id ?? "")",
        ]
        return known.merging(more) { $1 }
    }
}
