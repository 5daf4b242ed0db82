import Glibc
import Synchronization

/// The other side of containerd's binary logger: reads what a container writes and keeps it.
///
/// containerd starts the program with the container's standard output on descriptor 3, its standard error on 4,
/// a pipe on 5 that is closed to say "ready", and `CONTAINER_ID` and `CONTAINER_NAMESPACE` in the environment.
/// The container starts only after "ready", and its writes block when nobody reads; hence this does little, and
/// never waits for the store.
public struct LogCollector: Sendable {
    /// The longest piece of a line that is kept as one.
    static let maximumLine = 1 << 20

    private let options: LogOptions
    private let namespace: String
    private let id: String

    /// Makes a collector from its argument and the environment that containerd gives it.
    ///
    /// - Throws: `invalidArgument` when either is not as containerd and ``LogTarget`` make it.
    public init(encodedOptions: String) throws(ContainersError) {
        guard let id = getenv("CONTAINER_ID"), let namespace = getenv("CONTAINER_NAMESPACE") else {
            throw ContainersError(
                .invalidArgument, "CONTAINER_ID and CONTAINER_NAMESPACE are not set: containerd starts this program")
        }
        try self.init(
            options: LogOptions(decoding: encodedOptions), namespace: String(cString: namespace),
            id: String(cString: id))
    }

    init(options: LogOptions, namespace: String, id: String) throws(ContainersError) {
        try LogOptions.checkFileName(namespace, field: "CONTAINER_NAMESPACE")
        try LogOptions.checkFileName(id, field: "CONTAINER_ID")
        self.options = options
        self.namespace = namespace
        self.id = id
    }

    /// Collects until both streams have ended.
    ///
    /// It changes the process: SIGTERM and SIGPIPE are ignored, since containerd sends SIGTERM as soon as the
    /// container has ended, when its last lines may still be in the pipes. containerd kills the process if it
    /// goes on for too long.
    public func run(standardOutput: Int32 = 3, standardError: Int32 = 4, ready: Int32 = 5) {
        signal(SIGTERM, SIG_IGN)
        signal(SIGINT, SIG_IGN)
        signal(SIGPIPE, SIG_IGN)
        chdir("/")
        collect(standardOutput: standardOutput, standardError: standardError) {
            close(ready)
        }
    }

    func collect(standardOutput: Int32, standardError: Int32, whenReady: () -> Void) {
        let store = Mutex(
            LogStore(
                options: options, namespace: namespace, id: id,
                journal: options.usesJournal && Journal.isPresent))
        let writer = LogWriter { records in
            store.withLock { $0.write(records) }
        }
        whenReady()
        var streams = [
            LogStream(descriptor: standardOutput, stream: .output, maximumLine: Self.maximumLine),
            LogStream(descriptor: standardError, stream: .error, maximumLine: Self.maximumLine),
        ]
        while streams.contains(where: \.isOpen) {
            var polled = streams.map { pollfd(fd: $0.pollDescriptor, events: Int16(POLLIN), revents: 0) }
            guard poll(&polled, nfds_t(polled.count), -1) >= 0 || errno == EINTR else { break }
            for index in streams.indices where polled[index].revents != 0 {
                writer.submit(streams[index].read())
            }
        }
        writer.finish()
        store.withLock { $0.close() }
        LogPruner.prune(
            directory: LogFile.directory(root: options.directory, namespace: namespace, name: options.name),
            keeping: options.containerCount)
    }
}

/// One of the two streams of a container.
struct LogStream {
    private static let readSize = 64 << 10

    private let descriptor: Int32
    private let stream: LogLine.Stream
    private var splitter: LineSplitter
    private(set) var isOpen = true

    init(descriptor: Int32, stream: LogLine.Stream, maximumLine: Int) {
        self.descriptor = descriptor
        self.stream = stream
        splitter = LineSplitter(maximumLength: maximumLine)
    }

    /// `poll` passes over a negative descriptor.
    var pollDescriptor: Int32 { isOpen ? descriptor : -1 }

    /// Reads what is there. At the end of the stream its last line may lack a line feed.
    mutating func read() -> [LogRecord] {
        var pieces: [LineSplitter.Piece] = []
        withUnsafeTemporaryAllocation(byteCount: Self.readSize, alignment: 1) { buffer in
            let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            if count > 0 {
                pieces = splitter.append(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            } else if count == 0 || (errno != EINTR && errno != EAGAIN) {
                isOpen = false
                if let last = splitter.finish() { pieces = [last] }
            }
        }
        let time = LogRecord.now()
        return pieces.map { LogRecord(stream: stream, bytes: $0.bytes, endsLine: $0.endsLine, at: time) }
    }
}
