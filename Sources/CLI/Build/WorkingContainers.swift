import Foundation
import Glibc

/// The containers that buildah builds in. It removes them itself, unless a signal ends it.
struct WorkingContainers: Sendable {
    private let program: Program
    private let before: Set<String>

    /// Remembers those that are there, which belong to somebody else.
    init(_ program: Program) async throws {
        self.program = program
        before = try await Self.list(program)
    }

    /// Removes those that have come since. While another buildah of this user is at work they may be its own, and stay.
    func removeNew() async {
        guard !Self.isBuildahRunning else {
            return Console.note(
                "note: another buildah is at work; see `buildah containers` for what this build has left")
        }
        let program = program, before = before
        // The task is cancelled already, and this has to be done all the same. What fails was not there.
        await Task.detached {
            let left = ((try? await Self.list(program)) ?? []).subtracting(before)
            if !left.isEmpty { _ = try? await program.run(["rm"] + left.sorted()) }
        }.value
    }

    private static func list(_ program: Program) async throws -> Set<String> {
        let outcome = try await program.run(["containers", "--quiet", "--notruncate"])
        guard outcome.code == 0 else {
            let last = outcome.error.split(separator: "\n").last ?? ""
            throw CLIError(.program, "buildah cannot build here: \(last)\(BuilderProblem.hint(outcome.error))")
        }
        return Set(outcome.output.split(separator: "\n").map(String.init))
    }

    private static var isBuildahRunning: Bool {
        let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return processes.contains { process in
            guard Int(process) != nil, (try? LocalFile.text("/proc/\(process)/comm", limit: 64)) == "buildah\n" else {
                return false
            }
            var status = stat()
            return stat("/proc/\(process)", &status) == 0 && status.st_uid == geteuid()
        }
    }
}
