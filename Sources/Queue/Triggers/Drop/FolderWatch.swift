import Dispatch
import Glibc
import Synchronization

/// Tells in which folders something has happened: inotify(7). What it tells is a hint to look, no more; a queue of the
/// kernel's that has run over is a hint to look everywhere.
final class FolderWatch: Sendable {
    private struct State {
        var folders: [Int32: String] = [:]
        var changed: Set<String> = []
    }

    private let descriptor: Int32
    // Dispatch's own objects may be used by any thread, which their types do not say.
    private nonisolated(unsafe) let source: any DispatchSourceRead
    private let state: Mutex<State>

    /// - Parameter ring: called when something has happened.
    /// - Throws: ``QueueError`` when the machine has no more of them to give.
    init(ring: @escaping @Sendable () -> Void) throws(QueueError) {
        descriptor = inotify_init1(Int32(IN_NONBLOCK | IN_CLOEXEC))
        guard descriptor >= 0 else {
            throw QueueError(.storeFailed, "folders cannot be watched: \(String(cString: strerror(errno)))")
        }
        state = Mutex(State())
        source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: .global())
        source.setEventHandler { [weak self] in
            self?.readAll()
            ring()
        }
        let descriptor = descriptor
        source.setCancelHandler { close(descriptor) }
        source.activate()
    }

    deinit { source.cancel() }

    /// Watches a folder, if it is not watched already.
    func add(_ name: String, path: String) {
        let mask = UInt32(IN_CLOSE_WRITE | IN_MOVED_TO | IN_ONLYDIR | IN_DONT_FOLLOW)
        let watch = inotify_add_watch(descriptor, path, mask)
        if watch >= 0 { state.withLock { $0.folders[watch] = name } }
    }

    /// The folders in which something has happened since this was asked last.
    func takeChanged() -> Set<String> {
        state.withLock { state in
            defer { state.changed = [] }
            return state.changed
        }
    }

    private func readAll() {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            guard count > 0 else { return }
            buffer.withUnsafeBytes { bytes in note(UnsafeRawBufferPointer(rebasing: bytes[..<count])) }
        }
    }

    /// Each event is a head of 16 bytes, watch, mask, cookie and length, and a name of that length.
    private func note(_ bytes: UnsafeRawBufferPointer) {
        var offset = 0
        while offset + 16 <= bytes.count {
            let watch = bytes.loadUnaligned(fromByteOffset: offset, as: Int32.self)
            let mask = bytes.loadUnaligned(fromByteOffset: offset + 4, as: UInt32.self)
            let length = bytes.loadUnaligned(fromByteOffset: offset + 12, as: UInt32.self)
            state.withLock { state in
                if mask & UInt32(IN_Q_OVERFLOW) != 0 {
                    state.changed.formUnion(state.folders.values)
                } else if mask & UInt32(IN_IGNORED) != 0 {
                    if let name = state.folders.removeValue(forKey: watch) { state.changed.insert(name) }
                } else if let name = state.folders[watch] {
                    state.changed.insert(name)
                }
            }
            offset += 16 + Int(length)
        }
    }
}
