import Glibc
import NIOCore
import NIOPosix

/// Many connections to the proxy at once, held by another process so that their descriptors are not ours.
struct Herd: Sendable {
    private let commands: RawConnection
    private let process: pid_t

    /// Takes commands line by line, and answers each with a line. One source address has not ports for all.
    private static let script = """
        import resource, select, socket, sys, time
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        herd = []
        def connect(port, number):
            client = socket.socket()
            client.bind((f"127.0.0.{2 + number // 5000}", 0))
            client.connect(("127.0.0.1", port))
            herd.append(client)
            return client
        def graze(port, count):
            for number in range(count):
                client = connect(port, number)
                client.sendall(b"GET /x HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n")
                answer = b""
                while not answer.endswith(b"control"):
                    piece = client.recv(4096)
                    if not piece:
                        return f"connection {number} was not served"
                    answer += piece
            return f"open {len(herd)}"
        def closed():
            poll = select.poll()
            for client in herd:
                poll.register(client, select.POLLIN)
            return f"closed {len(poll.poll(0))}"
        def drip(port, count):
            for number in range(count):
                connect(port, number).sendall(b"GET /x HTTP/1.1\\r\\nHost: a\\r\\nX: ")
            poll, seen = select.poll(), {}
            for client in herd:
                client.setblocking(False)
                poll.register(client, select.POLLIN)
                seen[client.fileno()] = (client, [])
            answered, deadline = 0, time.monotonic() + 30
            while seen and time.monotonic() < deadline:
                for client, _ in seen.values():
                    try:
                        client.send(b"x")
                    except OSError:
                        pass
                for number, _ in poll.poll(100):
                    client, pieces = seen[number]
                    try:
                        piece = client.recv(4096)
                    except OSError:
                        piece = b""
                    pieces.append(piece)
                    if not piece:
                        answered += b"".join(pieces).startswith(b"HTTP/1.1 408 ")
                        poll.unregister(number)
                        del seen[number]
                time.sleep(0.05)
            return f"left {len(seen)} answered {answered}"
        print("ready", flush=True)
        for line in sys.stdin:
            name, *numbers = line.split()
            print({"graze": graze, "drip": drip, "closed": closed}[name](*map(int, numbers)), flush=True)
        """

    static func with<Result>(_ body: (Herd) async throws -> Result) async throws -> Result {
        let herd = try await Herd()
        do {
            let result = try await body(herd)
            try await herd.leave()
            return result
        } catch {
            try await herd.leave()
            throw error
        }
    }

    private init() async throws {
        var pair: [Int32] = [0, 0]
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, kind, 0, &pair) == 0 else { throw TestTimeout(description: "no pair of sockets") }
        process = try Self.spawn(pair[1])
        close(pair[1])
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .channelOption(.autoRead, value: false)
            .withConnectedSocket(pair[0]).get()
        commands = try await channel.eventLoop.submit { try RawConnection(channel) }.get()
        try await commands.setReading(true)
        let greeting = try await answer()
        guard greeting == "ready" else { throw TestTimeout(description: "the herd said \(greeting)") }
    }

    /// Starts the process with `socket` as its input and output.
    private static func spawn(_ socket: Int32) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, socket, 0)
        posix_spawn_file_actions_adddup2(&actions, socket, 1)
        var arguments: [UnsafeMutablePointer<CChar>?] = ["python3", "-c", script].map { (text: String) in
            strdup(text)
        }
        arguments.append(nil)
        defer { for argument in arguments { free(argument) } }
        var process: pid_t = 0
        let status = posix_spawnp(&process, "python3", &actions, nil, &arguments, environ)
        guard status == 0 else { throw TestTimeout(description: "python3 cannot be started (\(status))") }
        return process
    }

    /// Sends a command, and waits for its answer.
    func tell(_ command: String) async throws -> String {
        try await commands.send(command + "\n")
        return try await answer()
    }

    private func answer() async throws -> String {
        let line = try await commands.take("a line of the herd") { bytes, isClosed in
            bytes.firstIndex(of: UInt8(ascii: "\n")).map { $0 - bytes.startIndex + 1 } ?? (isClosed ? bytes.count : nil)
        }
        return String(String(buffer: line).dropLast())
    }

    /// Lets all connections go at once.
    private func leave() async throws {
        try? await commands.close()
        kill(process, SIGKILL)
        var status: Int32 = 0
        waitpid(process, &status, 0)
    }
}
