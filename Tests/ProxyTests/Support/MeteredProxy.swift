import Glibc
import Logging
import NIOCore
import NIOPosix
import OpenFaaSAPI

@testable import Proxy

/// A proxy whose event loops say how much processor time they have used.
struct MeteredProxy: Sendable {
    let server: ProxyServer
    let port: Int
    private let group: MultiThreadedEventLoopGroup

    static func with<Result>(
        limits change: (inout ProxyLimits) -> Void, _ body: (MeteredProxy) async throws -> Result
    ) async throws -> Result {
        var limits = ProxyLimits()
        change(&limits)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let fallback = ClosureFallback { _, writer in
            try await writer.respond(status: 200, body: ByteBuffer(string: "control"))
        }
        let server = ProxyServer(
            configuration: ProxyConfiguration(
                listen: [ListenAddress(host: "127.0.0.1", port: 0)], servedBy: "faasd/test", limits: limits),
            fallback: fallback, waker: RecordingWaker(), group: group, logger: logger)
        let bound = try await server.start()
        let result: Swift.Result<Result, any Error>
        do {
            result = .success(try await body(MeteredProxy(server: server, port: bound[0].port, group: group)))
        } catch {
            result = .failure(error)
        }
        await server.shutdown(grace: .zero)
        try await group.shutdownGracefully()
        return try result.get()
    }

    /// The calling thread alone (getrusage(2)); the C library shows the name to C only.
    private static let thisThread = __rusage_who_t(1)

    /// Processor time of all event loops since their start.
    func processorTime() async throws -> Duration {
        var sum = Duration.zero
        for loop in group.makeIterator() {
            sum += try await loop.submit {
                var usage = rusage()
                getrusage(Self.thisThread, &usage)
                let seconds = usage.ru_utime.tv_sec + usage.ru_stime.tv_sec
                return .seconds(seconds) + .microseconds(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec)
            }.get()
        }
        return sum
    }
}

/// How many descriptors this process has open.
func openDescriptors() -> Int {
    guard let folder = opendir("/proc/self/fd") else { return 0 }
    defer { closedir(folder) }
    var count = 0
    while readdir(folder) != nil { count += 1 }
    return count
}

/// Lets this process have at least so many descriptors.
func allowDescriptors(_ count: Int) throws {
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    guard limit.rlim_cur < rlim_t(count) else { return }
    limit.rlim_cur = rlim_t(count)
    limit.rlim_max = max(limit.rlim_max, rlim_t(count))
    guard setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
        throw TestTimeout(description: "this process may not have \(count) descriptors")
    }
}
