import Glibc

/// Programs that a process of before had called, and that go on although it was killed.
///
/// A half-done `ctr` or network plugin must not go on while the next process looks at the same containers: what it
/// makes after that look would be nobody's. Nor may it be killed half way, where that can be helped: containerd then
/// forgets a task whose shim runs, and a plugin leaves rules. So they are waited for.
public enum LeftoverPrograms {
    /// The variable by which they are known; programs that they call inherit it. Its value is the caller's name.
    static let variable = "FAASD_CALLER"
    /// The same for programs that follow something until they are ended; these are not waited for.
    static let followerVariable = "FAASD_FOLLOWER"
    /// What takes longer fetches an image, and can be begun anew.
    private static let patience = Duration.seconds(10)
    private static let killTime = Duration.seconds(5)
    private static let pauseMicroseconds: UInt32 = 10_000

    /// Waits until they have ended, at most ten seconds, and kills the others.
    ///
    /// It reads the environments of all processes and may wait, so it is for the start of a program.
    public static func end(calledBy owner: String) {
        for process in processes(with: "\(followerVariable)=\(owner)") { kill(process, SIGKILL) }
        let (deadline, end) = (ContinuousClock.now + patience, ContinuousClock.now + patience + killTime)
        while ContinuousClock.now < end {
            let found = processes(with: "\(variable)=\(owner)")
            if found.isEmpty { return }
            if ContinuousClock.now >= deadline { for process in found { kill(process, SIGKILL) } }
            usleep(pauseMicroseconds)
        }
    }

    /// A process that is dead and not yet waited for has no environment any more.
    private static func processes(with entry: String) -> [Int32] {
        DirectoryContents.names(in: "/proc").compactMap { Int32($0) }.filter { process in
            guard process != getpid(), let environment = SmallFile.read("/proc/\(process)/environ") else {
                return false
            }
            return ("\0" + environment).utf8.firstRange(of: "\0\(entry)\0".utf8) != nil
        }
    }
}
