import ServiceLifecycle
import Services

/// Keeps the operator's services running.
struct ServicesService: Service {
    let manager: ServiceManager

    func run() async throws {
        await cancelWhenGracefulShutdown { await manager.run() }
    }
}
