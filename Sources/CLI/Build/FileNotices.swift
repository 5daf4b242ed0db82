import Dispatch
import Glibc

/// Tells that something has happened in some folder: inotify(7). A hint to look, no more.
final class FileNotices: Sendable {
    /// One hint for all that has happened since the last one was taken; and one now and then, since file systems that
    /// others write to tell nothing.
    let hints: AsyncStream<Void>
    private static let interval = 2
    private let descriptor: Int32
    // Dispatch's own objects may be used by any thread, which their types do not say.
    private nonisolated(unsafe) let source: any DispatchSourceRead
    private nonisolated(unsafe) let timer: any DispatchSourceTimer

    /// - Throws: ``CLIError`` when the machine has no more of them to give.
    init() throws {
        let descriptor = inotify_init1(Int32(IN_NONBLOCK | IN_CLOEXEC))
        guard descriptor >= 0 else { throw CLIError(.file, "files cannot be watched: \(LocalFile.reason())") }
        self.descriptor = descriptor
        let (hints, ring) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        self.hints = hints
        source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: .global())
        source.setEventHandler {
            // What is in them is seen by the look.
            var buffer = [UInt8](repeating: 0, count: 65_536)
            while read(descriptor, &buffer, buffer.count) > 0 {}
            ring.yield()
        }
        source.setCancelHandler { close(descriptor) }
        timer = DispatchSource.makeTimerSource(queue: .global())
        timer.schedule(deadline: .now() + .seconds(Self.interval), repeating: .seconds(Self.interval))
        timer.setEventHandler { ring.yield() }
        source.activate()
        timer.activate()
    }

    deinit {
        source.cancel()
        timer.cancel()
    }

    /// Watches a folder, if it is not watched already. One that cannot be watched is looked at now and then.
    func add(_ folder: String) {
        let happenings = IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE | IN_DELETE | IN_ONLYDIR
        inotify_add_watch(descriptor, folder, UInt32(happenings))
    }
}
