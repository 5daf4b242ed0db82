import CLinux
import Glibc

/// The outcome of one non-blocking read or write.
enum Transfer: Equatable {
    /// This many bytes, at least one.
    case moved(Int)
    /// Nothing can be moved now.
    case blocked
    /// The other side has closed.
    case ended
    case failed(SystemError)
}

/// The system calls on descriptors, as values. Every descriptor made here is close-on-exec.
enum Descriptors {
    static func receive(_ descriptor: Int32, into room: UnsafeMutableRawBufferPointer) -> Transfer {
        received { read(descriptor, room.baseAddress, room.count) }
    }

    /// The same for a socket, for which the way through the kernel is shorter.
    static func receive(socket: Int32, into room: UnsafeMutableRawBufferPointer) -> Transfer {
        received { recv(socket, room.baseAddress, room.count, 0) }
    }

    static func send(socket: Int32, _ bytes: UnsafeRawBufferPointer) -> Transfer {
        sent { Glibc.send(socket, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL)) }
    }

    static func send(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Transfer {
        sent { write(descriptor, bytes.baseAddress, bytes.count) }
    }

    @inline(__always)
    private static func received(_ call: () -> Int) -> Transfer {
        while true {
            let count = call()
            if count > 0 { return .moved(count) }
            if count == 0 { return .ended }
            switch errno {
            case EINTR: continue
            case EAGAIN: return .blocked
            default: return .failed(.last)
            }
        }
    }

    @inline(__always)
    private static func sent(_ call: () -> Int) -> Transfer {
        while true {
            let count = call()
            if count >= 0 { return .moved(count) }
            switch errno {
            case EINTR: continue
            case EAGAIN: return .blocked
            case EPIPE, ECONNRESET: return .ended
            default: return .failed(.last)
            }
        }
    }

    /// A pipe whose one end goes to a child, which expects blocking reads and writes, and whose other end is ours.
    static func pipe(ours: PipeEnd) throws(SystemError) -> (reading: Int32, writing: Int32) {
        var ends: [Int32] = [-1, -1]
        guard pipe2(&ends, O_CLOEXEC) == 0 else { throw .last }
        // A new pipe has no other flag that this could take away.
        _ = fcntl(ours == .reading ? ends[0] : ends[1], F_SETFL, O_NONBLOCK)
        return (ends[0], ends[1])
    }

    enum PipeEnd {
        case reading
        case writing
    }

    /// Bytes that can be read at once; 0 when the descriptor cannot say.
    static func readableBytes(_ descriptor: Int32) -> Int {
        var count: Int32 = 0
        return ioctl(descriptor, UInt(FIONREAD), &count) == 0 ? Int(count) : 0
    }

    /// The reading end of a pipe that nobody can write to: an empty file that needs no `/dev`.
    static func emptyInput() throws(SystemError) -> Int32 {
        let ends = try pipe(ours: .writing)
        close(ends.writing)
        return ends.reading
    }

    /// Makes sure that 0, 1 and 2 are taken, so that no pipe of a call gets one of these numbers, and that nothing
    /// else which the watchdog was started with reaches the function.
    static func tidy() throws(SystemError) {
        // CLOSE_RANGE_CLOEXEC, a macro; kernels before 5.11 do not know it, and there is nothing to do then.
        _ = close_range(3, .max, 1 << 2)
        while true {
            let descriptor = try emptyInput()
            if descriptor > 2 {
                close(descriptor)
                return
            }
            _ = fcntl(descriptor, F_SETFD, 0)
        }
    }
}
