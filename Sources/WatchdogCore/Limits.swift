/// Every bound of the watchdog in one place. All are per process unless the comment says otherwise.
enum Limits {
    /// Bytes of the request line; more is 414.
    static let requestLine = 64 * 1024
    /// Bytes of request line and header fields together; more is 431. OpenFaaS's watchdogs allow 1 MiB.
    static let head = 1024 * 1024
    /// Header fields of a request; more is 431.
    static let fieldCount = 256
    /// Bytes that all heads too big for an ordinary buffer may hold together.
    static let oversizeHeads = 16 * 1024 * 1024
    /// Bytes of chunk extensions and trailers, each, over a whole body.
    static let chunkOverhead = 16 * 1024
    /// Bytes moved at once, and the room of one buffer: what a pipe holds by default.
    static let buffer = 64 * 1024
    /// Buffers kept for reuse; more are given back to the allocator.
    static let spareBuffers = 8
    /// Client connections held at once. The rest wait in the kernel's queue.
    static let connections = 1024
    /// Threads that start processes.
    static let startThreads: Int32 = 2
    /// Descriptors one call may need: socket, stdin, stdout, stderr, and while it starts the other ends.
    static let descriptorsPerCall = 7
    /// Descriptors kept apart for listeners, epoll, logs and pipes under construction.
    static let reservedDescriptors = 32
    /// Connections waiting in the kernel's queue.
    static let backlog: Int32 = 1024
    /// Connections taken from one listener before others get their turn.
    static let acceptsPerTurn = 64
    /// Reads and writes one connection may do before others get their turn.
    static let movesPerTurn = 32
    /// Bytes of one body that is kept in a file until someone takes it.
    static let spoolFile = 1 << 30
    /// The same where no file can be made and memory takes its place, and of all such bodies together.
    static let spoolMemory = 32 * 1024 * 1024
    static let spoolMemoryOfAll = 128 * 1024 * 1024
    /// Request body bytes thrown away after the answer so that the connection can be used again.
    static let discardedBody = 256 * 1024
    /// Bytes of the head of a request or an answer on the way to or from a function that serves HTTP by itself.
    static let upstreamHead = 60 * 1024
    /// Bytes of the body of a worker's answer.
    static let workerBody = 1 << 30
    /// Processes of worker mode.
    static let workers = 256
    /// Names in the list of a folder.
    static let listedFiles = 1000
    /// Connections to the function that wait for a request.
    static let idleUpstreams = 128
    /// Bytes of the path of a socket, with the zero behind it.
    static let socketPath = 108
    /// Bytes of `content_type`.
    static let contentType = 256
    /// Bytes of a text that is shown in a log line or an error answer.
    static let shownText = 256
    /// Bytes of a request's target in the log.
    static let shownTarget = 1024
    /// Bytes of the longest log line, also for `log_buffer_size=-1`.
    static let logLine = 1024 * 1024
    /// Bytes kept free in the log's buffer for the watchdog's own lines.
    static let ownLine = 4 * 1024
    /// Bytes written to the log at once: what a pipe that polls writable takes without blocking (PIPE_BUF).
    static let logWrite = 4096

    /// The longest `busy_poll`.
    static let busyPoll: TimeSpan = .milliseconds(1)
    /// With more calls in flight than these it is left out.
    static let busyPollCalls = 2
    /// Turns without it after it was in vain again and again.
    static let busyPollPenalty = 128

    /// How long the first output of a function is held back. A process that ends within this time is answered with
    /// its length, its duration and, when it failed, with status 500; one that runs on is streamed from then on.
    static let firstFlush: TimeSpan = .milliseconds(10)
    /// A connection to the function is not used again after this long, as the function may be about to close it. That
    /// is of-watchdog's time, too.
    static let upstreamIdle: TimeSpan = .milliseconds(500)
    /// How long requests wait for a function that has been started and does not listen yet.
    static let upstreamStart: TimeSpan = .seconds(30)
    /// Pause between two attempts to connect to it.
    static let upstreamRetry: TimeSpan = .milliseconds(20)
    /// How long answers may take once the process that gives them has ended.
    static let lastAnswers: TimeSpan = .seconds(1)
    /// How long a worker that has closed its socket may take to end by itself.
    static let workerEnd: TimeSpan = .milliseconds(200)
    /// Pause before a worker is started again that has never been ready, at first and at most.
    static let restartPause: TimeSpan = .milliseconds(100)
    static let longestRestartPause: TimeSpan = .seconds(5)
    /// Pause after the kernel had no descriptor or memory for a new connection.
    static let acceptRetry: TimeSpan = .milliseconds(100)
    /// From SIGTERM to SIGKILL for a process group that has to go.
    static let killGrace: TimeSpan = .seconds(2)
    /// From the last answer to the end, whatever the function's processes do.
    static let lastProcesses: TimeSpan = .seconds(4)
    /// A connection without a request is closed after this.
    static let idle: TimeSpan = .seconds(120)
    /// After this long without a call, memory that is not used is given back.
    static let quiet: TimeSpan = .seconds(5)
    /// With all connections in use one that has been idle for this long is closed for a client that waits for a place,
    /// and for `crowdedTime` after that answers close their connections.
    static let crowdedIdle: TimeSpan = .seconds(1)
    static let crowdedTime: TimeSpan = .seconds(1)
    /// Pause between two looks for such a connection.
    static let crowdedLook: TimeSpan = .milliseconds(100)
    /// How long a closed exchange waits for the client to close too, so that the answer is not lost to a reset.
    static let linger: TimeSpan = .seconds(2)
    /// How long an answer that reports an exceeded `write_timeout` may take.
    static let lastWords: TimeSpan = .seconds(5)
    /// How long a log line may wait for others to be written with it.
    static let logDelay: TimeSpan = .milliseconds(5)
    /// A log reader that takes nothing for this long loses lines; until then the function waits for it.
    static let logStall: TimeSpan = .seconds(1)
    /// How long the last log lines may wait for their reader, in milliseconds for each write.
    static let lastLogWait: Int32 = 200
    /// `-run-healthcheck` gives up after this many seconds.
    static let healthcheckSeconds = 2
}
