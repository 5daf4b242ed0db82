import CLinux
import Glibc

/// Starts the function's process, one for each call.
///
/// `posix_spawn` shares the address space with the child until exec (vfork), so its price does not grow with the
/// watchdog. The child leads a process group of its own: what a call leaves behind can be ended as one.
final class Launcher {
    /// A started process and our ends of its pipes.
    struct Launched {
        let process: pid_t
        /// Writes to its stdin; nil when it was given an empty one.
        let input: Int32?
        let output: Int32
        let errors: Int32
    }

    private let command: [String]
    private let searchPath: String
    private let environment: ChildEnvironment
    private let exportsRequest: Bool
    private let arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
    private let emptyInput: Int32
    private var attributes = posix_spawnattr_t()
    /// The command's file, once found.
    private var file: String?

    init(_ configuration: WatchdogConfiguration, environment: ChildEnvironment) throws {
        command = configuration.command
        searchPath = configuration.searchPath
        exportsRequest = configuration.cgiHeaders
        self.environment = environment
        do {
            emptyInput = try Descriptors.emptyInput()
        } catch {
            throw WatchdogError(.system, message: "cannot make a pipe", cause: error)
        }
        arguments = .allocate(capacity: command.count + 1)
        for (index, argument) in command.enumerated() { arguments[index] = strdup(argument) }
        arguments[command.count] = nil
        prepareAttributes()
    }

    deinit {
        posix_spawnattr_destroy(&attributes)
        for index in command.indices { free(arguments[index]) }
        arguments.deallocate()
        close(emptyInput)
    }

    /// No signal blocked, SIGPIPE with its default action again, a new process group.
    private func prepareAttributes() {
        posix_spawnattr_init(&attributes)
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigaddset(&signals, SIGPIPE)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setpgroup(&attributes, 0)
        let flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP
        posix_spawnattr_setflags(&attributes, Int16(flags))
    }

    /// Starts the process of one request.
    /// - Parameters:
    ///   - bytes: the bytes that `head` refers to.
    ///   - replacingPath: see `ChildEnvironment`.
    ///   - takesInput: whether there is a body to write.
    func launch(
        _ head: RequestHead, in bytes: UnsafeRawBufferPointer, replacingPath: String?, takesInput: Bool
    ) throws(SystemError) -> Launched {
        let input = takesInput ? try Descriptors.pipe(ours: .writing) : (reading: emptyInput, writing: -1)
        var opened = takesInput ? [input.reading, input.writing] : []
        do {
            let output = try Descriptors.pipe(ours: .reading)
            opened += [output.reading, output.writing]
            let errors = try Descriptors.pipe(ours: .reading)
            opened += [errors.reading, errors.writing]
            let ends = (input.reading, output.writing, errors.writing)
            let process =
                exportsRequest
                ? environment.withVariables(of: head, in: bytes, replacingPath: replacingPath) { spawn(ends, $0) }
                : environment.withInherited { spawn(ends, $0) }
            let launched = Launched(
                process: try process.get(), input: takesInput ? input.writing : nil, output: output.reading,
                errors: errors.reading)
            for end in [output.writing, errors.writing] { close(end) }
            if takesInput { close(input.reading) }
            return launched
        } catch {
            for descriptor in opened { close(descriptor) }
            throw error
        }
    }

    /// The file is looked up once; when it has gone since, once more.
    private func spawn(_ ends: (Int32, Int32, Int32), _ block: ChildEnvironment.Block?) -> Result<pid_t, SystemError> {
        if let file {
            let outcome = spawn(file, ends, block)
            guard case .failure(let error) = outcome, error.number == ENOENT else { return outcome }
        }
        switch CommandLookup.find(command[0], searchPath: searchPath) {
        case .failure(let error):
            file = nil
            return .failure(error)
        case .success(let found):
            file = found
            return spawn(found, ends, block)
        }
    }

    private func spawn(
        _ file: String, _ ends: (Int32, Int32, Int32), _ block: ChildEnvironment.Block?
    ) -> Result<pid_t, SystemError> {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends.0, 0)
        posix_spawn_file_actions_adddup2(&actions, ends.1, 1)
        posix_spawn_file_actions_adddup2(&actions, ends.2, 2)
        var process: pid_t = 0
        let number = posix_spawn(&process, file, &actions, &attributes, arguments, block)
        return number == 0 ? .success(process) : .failure(SystemError(number: number))
    }
}
