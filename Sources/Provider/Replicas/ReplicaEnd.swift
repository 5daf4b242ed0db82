import Containers
import OpenFaaSAPI

/// How a replica's process ended.
struct ReplicaEnd: Sendable, Equatable {
    let cause: FunctionFailure.Cause?
    /// 128 + N for signal N.
    let exitCode: Int?
    /// What happened, as the end of a sentence that begins with the replica.
    let what: String
    /// A whole sentence with the last lines that it wrote.
    let reason: String

    /// Puts into words what is known.
    ///
    /// - Parameters:
    ///   - exitStatus: as containerd told it; `nil` where it did not.
    ///   - outOfMemoryKills: how many of the replica's processes the kernel killed for the memory limit.
    ///   - memoryLimit: the limit as it was asked for.
    ///   - output: the last lines, as a part of a sentence.
    init(
        function: FunctionName, exitStatus: UInt32?, outOfMemoryKills: UInt64, memoryLimit: String?, output: String
    ) {
        exitCode = exitStatus.map(Int.init)
        if outOfMemoryKills > 0 {
            cause = .outOfMemory
            let limit = memoryLimit.map { ", limit \($0)" } ?? ""
            what = "ended: its last process was killed: out of memory\(limit)"
        } else if let exitStatus {
            cause = exitStatus > 128 ? .signaled : .exited
            what = "ended " + (exitStatus > 128 ? "by signal \(exitStatus - 128)" : "with exit code \(exitStatus)")
        } else {
            cause = nil
            what = "ended"
        }
        reason = "function \(function) \(what); \(output)"
    }
}

extension ReplicaMaker {
    /// Why a replica's process ended. To be called before the container is removed, as its control group goes with it.
    func explainEnd(
        of id: String, function: FunctionName, exitStatus: UInt32? = nil, memoryLimit: String? = nil
    ) async -> ReplicaEnd {
        // The collector may still be writing the last line when the process is seen to be gone.
        try? await Task.sleep(for: .milliseconds(50))
        let cgroup = Cgroup.left(by: id, namespace: containerdNamespace(function.namespace))
        return ReplicaEnd(
            function: function, exitStatus: exitStatus, outOfMemoryKills: cgroup?.outOfMemoryKills ?? 0,
            memoryLimit: memoryLimit, output: lastOutput(of: id, function: function))
    }

    /// The last lines that a replica wrote, as a part of a sentence.
    func lastOutput(of id: String, function: FunctionName) -> String {
        let lines = LogTail(directory: machine.logDirectory)
            .lines(namespace: containerdNamespace(function.namespace), name: function.name, id: id, last: 5)
        return lines.isEmpty ? "it wrote nothing" : "it wrote: " + lines.map(\.text).joined(separator: " | ")
    }
}
