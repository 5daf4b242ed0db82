import CLinux
import Glibc

/// Starts processes of the function.
///
/// Who starts a process with vfork stands still until the child has become its program. With nothing else to do that is
/// the cheapest way; while other calls are in flight a thread does it (`Starter`). A fork that does not wait has been
/// measured: on a busy machine a function ran half as often, as each child had to queue for the processor that its
/// waiting parent would have left to it. The child leads a process group of its own: what it leaves behind can be ended
/// as one.
final class Launcher {
    /// A started process and our ends of its pipes.
    struct Launched {
        /// nil while it is being started in the background.
        let process: pid_t?
        /// Writes to its stdin; nil when it was given an empty one.
        var input: Int32?
        let output: Int32
        /// Reads its stderr; nil when that goes where stdout goes.
        let errors: Int32?
    }

    private let command: [String]
    private let searchPath: String
    private let environment: ChildEnvironment
    private let exportsRequest: Bool
    private let combinesOutput: Bool
    private let arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
    private let emptyInput: Int32
    /// The command's file, once found.
    private var file: String?

    init(_ configuration: WatchdogConfiguration, environment: ChildEnvironment) throws {
        command = configuration.command
        searchPath = configuration.searchPath
        exportsRequest = configuration.cgiHeaders
        combinesOutput = configuration.combineOutput
        self.environment = environment
        do {
            emptyInput = try Descriptors.emptyInput()
        } catch {
            throw WatchdogError(.system, message: "cannot make a pipe", cause: error)
        }
        arguments = .allocate(capacity: command.count + 1)
        for (index, argument) in command.enumerated() { arguments[index] = strdup(argument) }
        arguments[command.count] = nil
    }

    deinit {
        for index in command.indices { free(arguments[index]) }
        arguments.deallocate()
        close(emptyInput)
    }

    /// Starts the process of one request.
    /// - Parameters:
    ///   - request: the request it is for.
    ///   - takesInput: whether there is a body to write.
    ///   - starter: starts it in the background and tells `owner`.
    func launch(
        _ request: CallRequest, takesInput: Bool, starter: Starter?, owner: any StartOwner
    ) throws(SystemError) -> Launched {
        var pipes = Pipes()
        do {
            let input = takesInput ? try pipes.add(ours: .writing) : nil
            let output = try pipes.add(ours: .reading)
            let errors = combinesOutput ? nil : try pipes.add(ours: .reading)
            let ends = (
                input?.reading ?? emptyInput, output.writing, errors?.writing ?? output.writing, Int32(-1)
            )
            var process: pid_t?
            if let starter {
                let file = try findFile().get()
                let block = environment.copy(of: exportsRequest ? request : nil)
                starter.start(
                    linux_program(file: nil, arguments: arguments, environment: nil, descriptors: ends), file: file,
                    block: block, closing: pipes.theirs, owner: owner)
            } else {
                process =
                    exportsRequest
                    ? try environment.withVariables(of: request) { start(ends, $0) }.get()
                    : try environment.withInherited { start(ends, $0) }.get()
                pipes.closeTheirs()
            }
            return Launched(
                process: process, input: input?.writing, output: output.reading, errors: errors?.reading)
        } catch {
            pipes.closeAll()
            throw error
        }
    }

    /// Starts a process that serves more than one request.
    /// - Parameters:
    ///   - channel: becomes its descriptor 3; stays the caller's to close.
    ///   - variables: put before those that the watchdog has itself.
    func launchResident(channel: Int32? = nil, variables: [String] = []) throws(SystemError) -> Launched {
        var pipes = Pipes()
        do {
            let output = try pipes.add(ours: .reading)
            let errors = try pipes.add(ours: .reading)
            let ends = (emptyInput, output.writing, errors.writing, channel ?? -1)
            let process = try environment.withInherited(adding: variables) { start(ends, $0) }.get()
            pipes.closeTheirs()
            return Launched(process: process, input: nil, output: output.reading, errors: errors.reading)
        } catch {
            pipes.closeAll()
            throw error
        }
    }

    private func start(
        _ ends: (Int32, Int32, Int32, Int32), _ block: ChildEnvironment.Block?
    ) -> Result<pid_t, SystemError> {
        let found: String
        switch findFile() {
        case .failure(let error): return .failure(error)
        case .success(let path): found = path
        }
        let process = found.withCString { path in
            var program = linux_program(file: path, arguments: arguments, environment: block, descriptors: ends)
            return linux_start(&program)
        }
        return process > 0 ? .success(process) : .failure(.last)
    }

    /// The file is looked up once; when it has gone since, once more.
    private func findFile() -> Result<String, SystemError> {
        if let file, access(file, X_OK) == 0 { return .success(file) }
        let outcome = CommandLookup.find(command[0], searchPath: searchPath)
        file = try? outcome.get()
        return outcome
    }
}

/// The pipes of one process under construction.
private struct Pipes {
    private var ours: [Int32] = []
    private(set) var theirs: [Int32] = []

    mutating func add(ours end: Descriptors.PipeEnd) throws(SystemError) -> (reading: Int32, writing: Int32) {
        let pipe = try Descriptors.pipe(ours: end)
        ours.append(end == .reading ? pipe.reading : pipe.writing)
        theirs.append(end == .reading ? pipe.writing : pipe.reading)
        return pipe
    }

    func closeTheirs() {
        for descriptor in theirs { close(descriptor) }
    }

    func closeAll() {
        for descriptor in ours + theirs { close(descriptor) }
    }
}
