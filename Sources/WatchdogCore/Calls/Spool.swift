import CLinux
import Glibc

/// Where bodies that have to wait are kept, and how much of it there is for all of them together.
final class SpoolStore {
    fileprivate let pool: BufferPool
    private let folder: String
    fileprivate var inMemory = 0

    /// - Parameter folder: for files without a name; when there can be none, memory takes their place.
    init(pool: BufferPool, folder: String) {
        self.pool = pool
        self.folder = folder
    }

    /// A file that nobody else sees and that is gone when it is closed.
    fileprivate func openFile() -> (descriptor: Int32, isMemory: Bool)? {
        // O_TMPFILE with O_DIRECTORY in it, a macro.
        let file = open(folder, 0o20200000 | O_RDWR | O_CLOEXEC, 0o600)
        if file >= 0 { return (file, false) }
        // MFD_CLOEXEC, a macro.
        let memory = memfd_create("body", 1)
        return memory >= 0 ? (memory, true) : nil
    }
}

/// Bytes in the order they came: the first in a buffer, the rest in a file.
final class Spool {
    private let store: SpoolStore
    private var front: Buffer?
    private var file: Int32 = -1
    private var isMemory = false
    /// What of the file is not read yet. Places count on; the file itself is a ring of `bound` bytes.
    private var unread = 0..<0
    /// Whether bytes were lost to an error of the disk.
    private(set) var isBroken = false

    init(_ store: SpoolStore) {
        self.store = store
    }

    deinit {
        clear()
    }

    var count: Int { (front?.count ?? 0) + unread.count }
    var isEmpty: Bool { count == 0 }

    /// How many bytes it may hold.
    var bound: Int { isMemory ? Limits.spoolMemory : Limits.spoolFile }

    /// Adds bytes.
    /// - Returns: how many; less than all when there is no more room.
    func append(_ bytes: UnsafeRawBufferPointer) -> Int {
        var taken = 0
        if unread.isEmpty {
            let front = front ?? store.pool.take()
            self.front = front
            if front.free < bytes.count { front.compact() }
            taken = min(front.free, bytes.count)
            front.append(bytes.slice(0..<taken))
        }
        while taken < bytes.count {
            let moved = write(bytes.slice(taken..<bytes.count))
            guard moved > 0 else { break }
            taken += moved
        }
        return taken
    }

    /// The first of the bytes; empty only when there are none.
    var readable: UnsafeRawBufferPointer {
        refill()
        return front?.readable ?? UnsafeRawBufferPointer(start: nil, count: 0)
    }

    func consume(_ count: Int) {
        front?.consume(count)
        if isEmpty { clear() }
    }

    /// Moves as much as fits behind what `buffer` holds.
    func move(into buffer: Buffer) {
        while buffer.free > 0, !isEmpty {
            let bytes = readable
            let count = min(bytes.count, buffer.free)
            buffer.append(bytes.slice(0..<count))
            consume(count)
        }
    }

    func clear() {
        if let front { store.pool.giveBack(front) }
        front = nil
        unread = 0..<0
        guard file >= 0 else { return }
        close(file)
        file = -1
        if isMemory { store.inMemory -= Limits.spoolMemory }
        isMemory = false
    }

    private func write(_ bytes: UnsafeRawBufferPointer) -> Int {
        guard prepareFile() else { return 0 }
        let place = unread.upperBound % bound
        let room = min(bytes.count, bound - unread.count, bound - place)
        guard room > 0 else { return 0 }
        let count = pwrite(file, bytes.baseAddress, room, off_t(place))
        guard count > 0 else { return 0 }
        unread = unread.lowerBound..<unread.upperBound + count
        return count
    }

    private func prepareFile() -> Bool {
        guard file < 0 else { return true }
        guard let opened = store.openFile() else { return false }
        guard !opened.isMemory || store.inMemory + Limits.spoolMemory <= Limits.spoolMemoryOfAll else {
            close(opened.descriptor)
            return false
        }
        (file, isMemory) = opened
        if isMemory { store.inMemory += Limits.spoolMemory }
        return true
    }

    /// Reads from the file when the buffer is used up.
    private func refill() {
        guard let front, front.isEmpty, !unread.isEmpty else { return }
        let place = unread.lowerBound % bound
        let outcome = front.fill(limit: min(unread.count, bound - place)) { room in
            let count = pread(file, room.baseAddress, room.count, off_t(place))
            return count > 0 ? .moved(count) : .ended
        }
        guard case .moved(let count) = outcome else {
            isBroken = true
            return clear()
        }
        unread = unread.lowerBound + count..<unread.upperBound
        if unread.isEmpty {
            unread = 0..<0
            _ = ftruncate(file, 0)
        }
    }
}
