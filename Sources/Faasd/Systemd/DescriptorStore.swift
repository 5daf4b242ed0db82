import CSystemd
import Glibc
import Proxy
import Synchronization

/// Clients' connections in systemd's file descriptor store (sd_notify(3), `FDSTORE`), from one daemon to the next.
final class DescriptorStore: ConnectionKeeper {
    /// The name of every connection in the store.
    static let name = "client"

    /// How many more systemd takes. It closes what is too much, so nothing too much is given to it.
    private let places: Atomic<Int>

    /// `nil` when the daemon is no service, or the service has no store.
    init?() {
        // `FDSTORE` is systemd's own from version 254 on; before, our unit sets it.
        guard getenv("NOTIFY_SOCKET") != nil, let text = getenv("FDSTORE"), let places = Int(String(cString: text)),
            places > 0
        else { return nil }
        self.places = Atomic(places)
    }

    func keep(_ descriptor: CInt) -> Bool {
        guard places.subtract(1, ordering: .relaxed).newValue >= 0 else { return false }
        var descriptor = descriptor
        return sd_pid_notify_with_fds(0, 0, "FDSTORE=1\nFDNAME=\(Self.name)", &descriptor, 1) > 0
    }

    /// Has systemd close its descriptors of the connections.
    func clear() {
        _ = sd_notify(0, "FDSTOREREMOVE=1\nFDNAME=\(Self.name)")
    }

    /// Waits until systemd has taken everything: what comes from a process that is gone may be refused.
    func settle() {
        _ = sd_notify_barrier(0, 5_000_000)
    }
}
