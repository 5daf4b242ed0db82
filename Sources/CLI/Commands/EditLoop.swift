/// Does again what a command has done whenever a file is saved that goes into it.
struct EditLoop {
    let options: BuildOptions
    let stack: StackOptions
    let surroundings: Surroundings
    /// What stands for everything: the stack file, and what comes into every build.
    private static let everything = ""

    /// Does it at once, and for what has changed, until Ctrl-C. What fails is told, and done again at the next change.
    func run(_ step: (StackFile) async throws -> Void) async throws {
        var file = try await options.functions(stack)
        // From before the first time: what is saved meanwhile has changed, too.
        var watch = try FolderWatch(targets(file))
        await attempt(file, step)
        Console.out("Watching \(file.functions.map(\.handler).joined(separator: ", ")); Ctrl-C ends it.")
        while true {
            let changed = try await watch.nextChange()
            guard changed.contains(Self.everything) else {
                var part = file
                part.functions.removeAll { !changed.contains($0.name) }
                Console.out("Changed: \(part.functions.map(\.name).joined(separator: ", ")).")
                await attempt(part, step)
                continue
            }
            Console.out("Changed: \(file.path.isEmpty ? "what all functions have" : file.path).")
            do {
                file = try await options.functions(stack)
            } catch let error as CLIError {
                Console.out(FunctionCLI.sentence(error.message))
                continue
            }
            // It may name other folders now.
            watch = try FolderWatch(targets(file))
            await attempt(file, step)
        }
    }

    private func attempt(_ file: StackFile, _ step: (StackFile) async throws -> Void) async {
        let begun = ContinuousClock.now
        do {
            try await step(file)
            Console.out("Up to date after \(Seconds.text(since: begun)).")
        } catch let error as CLIError {
            Console.out("\(FunctionCLI.sentence(error.message))\nFailed after \(Seconds.text(since: begun)).")
        } catch {
            // Ctrl-C, which ends the waiting for the next change as well.
        }
    }

    private func targets(_ file: StackFile) -> [FolderWatch.Target] {
        var all = (file.copy + options.copyExtra).map {
            FolderWatch.Target(name: Self.everything, path: surroundings.path($0))
        }
        if !file.path.isEmpty, !file.path.contains("://") {
            all.append(.init(name: Self.everything, path: surroundings.path(file.path)))
        }
        return all + file.functions.map { .init(name: $0.name, path: surroundings.path($0.handler)) }
    }
}
