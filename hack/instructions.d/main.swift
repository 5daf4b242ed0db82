import Glibc
import Logging
import NIOCore
import NIOPosix
import OpenFaaSAPI
import Proxy

/// Serves one function, `f`, whose replica listens on the port given as the argument. Prints its own port, and
/// ends when its input ends.

/// There is no control plane here.
struct NoControlPlane: Fallback {
    func respond(to request: FallbackRequest, writer: FallbackWriter) async {
        // An answer that could not be written is a client that has gone.
        try? await writer.respond(status: 404)
    }
}

/// Nobody has to be woken: the replica is always there.
struct NoWaker: Waker {
    func wake(_ name: FunctionName) -> [ReplicaEndpoint] { [] }
}

guard CommandLine.arguments.count == 2, let replicaPort = Int(CommandLine.arguments[1]) else {
    print("usage: instructions PORT-OF-THE-REPLICA")
    exit(2)
}
var logger = Logger(label: "instructions")
logger.logLevel = .critical
let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
let server = ProxyServer(
    configuration: ProxyConfiguration(listen: [ListenAddress(host: "127.0.0.1", port: 0)], servedBy: "faasd/count"),
    fallback: NoControlPlane(), waker: NoWaker(), group: group, logger: logger)
let replica = ReplicaEndpoint(id: "r", address: .tcp(host: "127.0.0.1", port: replicaPort))
await server.publish(RouteTable([Route(name: try FunctionName("f"), state: .ready([replica]))]))
let bound = try await server.start()
print("port \(bound[0].port)")
fflush(nil)
while getchar() != EOF {}
await server.shutdown(grace: .zero)
try await group.shutdownGracefully()
