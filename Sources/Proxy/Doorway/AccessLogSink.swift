public import NIOCore

/// Takes the lines of the access log.
public protocol AccessLogSink: Sendable {
    /// Takes lines: whole JSON objects, each with a line end behind it, in the order in which the requests of one event
    /// loop ended. Those of different loops come as they come.
    ///
    /// Called on event loops, so it must not block: neither write to a file nor wait for a lock that somebody holds
    /// for long. What cannot be taken is to be dropped.
    ///
    /// - Parameter lines: about 32 KiB, or what has come together within 100 ms.
    func write(_ lines: ByteBuffer)
}
