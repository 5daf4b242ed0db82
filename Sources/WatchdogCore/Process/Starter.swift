import CLinux
import Glibc

/// Who is told what became of the start of a process.
protocol StartOwner: AnyObject {
    func started(_ outcome: Result<pid_t, SystemError>)
}

/// Starts processes in threads of their own, so that calls in flight go on while a child becomes its program.
final class Starter: EventHandler {
    /// A start that is under way, with all that it refers to.
    private struct Job {
        let pointer: UnsafeMutablePointer<linux_start_job>
        let file: UnsafeMutablePointer<CChar>?
        let block: UnsafeMutableRawPointer
        /// The child's ends of its pipes.
        let descriptors: [Int32]
        let owner: any StartOwner
    }

    private let descriptor: Int32
    private let afterwards: () -> Void
    private var jobs: [UInt: Job] = [:]
    private var count: UInt = 0

    /// - Parameter afterwards: called when processes have started.
    /// - Returns: nil when there can be no threads.
    init?(loop: EventLoop, afterwards: @escaping () -> Void) {
        descriptor = linux_starter_open(Limits.startThreads)
        self.afterwards = afterwards
        guard descriptor >= 0 else { return nil }
        loop.watch(descriptor, for: [.readable, .edgeTriggered], self)
    }

    /// Whether processes may exist whose numbers are not known yet.
    var isBusy: Bool { !jobs.isEmpty }

    /// - Parameters:
    ///   - program: its file and its block are copied or owned, see below; its arguments have to stay.
    ///   - file: the program's file.
    ///   - block: its environment, freed when it has started.
    ///   - descriptors: closed when it has started.
    func start(
        _ program: linux_program, file: String, block: UnsafeMutableRawPointer, closing descriptors: [Int32],
        owner: any StartOwner
    ) {
        count += 1
        let pointer = UnsafeMutablePointer<linux_start_job>.allocate(capacity: 1)
        let path = strdup(file)
        var program = program
        program.file = UnsafePointer(path)
        program.environment = UnsafePointer(block.assumingMemoryBound(to: UnsafeMutablePointer<CChar>?.self))
        pointer.initialize(to: linux_start_job(program: program, id: count, process: 0, failure: 0, next: nil))
        jobs[count] = Job(pointer: pointer, file: path, block: block, descriptors: descriptors, owner: owner)
        linux_starter_submit(pointer)
    }

    func descriptor(_ descriptor: Int32, became readiness: Readiness) {
        // Set back, so that the next job is an edge again.
        var counter: UInt64 = 0
        _ = read(descriptor, &counter, MemoryLayout<UInt64>.size)
        collect()
        afterwards()
    }

    /// Tells the owners of all processes that have started.
    func collect() {
        while let done = linux_starter_take() {
            let outcome: Result<pid_t, SystemError> =
                done.pointee.process > 0
                ? .success(done.pointee.process) : .failure(SystemError(number: done.pointee.failure))
            guard let job = jobs.removeValue(forKey: done.pointee.id) else { continue }
            for descriptor in job.descriptors { close(descriptor) }
            job.block.deallocate()
            free(job.file)
            job.pointer.deallocate()
            job.owner.started(outcome)
        }
    }
}
