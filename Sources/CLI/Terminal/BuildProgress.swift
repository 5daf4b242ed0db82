import Synchronization

/// What is shown of a build while it runs: a bar where somebody watches, else the builder's lines as they come.
final class BuildProgress: Sendable {
    /// A step of a build, as buildah and docker announce it.
    struct Step: Equatable, Sendable {
        var number: Int
        var total: Int
        var text: String
    }

    /// How many of the last lines are kept for the case of a failure.
    private static let kept = 30

    private let name: String
    private let isQuiet: Bool
    private let bar: Bool
    private let colour: Bool
    /// What has been written last; the builder's two streams are read by two tasks.
    private let lines = Mutex<[String]>([])

    init(name: String, isQuiet: Bool, terminal: Bool = Console.isTerminal, surroundings: Surroundings = .current) {
        self.name = name
        self.isQuiet = isQuiet
        bar = terminal && surroundings["TERM"] != "dumb"
        colour = surroundings.environment["NO_COLOR"]?.isEmpty ?? true
    }

    func line(_ text: String) {
        lines.withLock { last in
            last.append(text)
            if last.count > Self.kept { last.removeFirst(last.count - Self.kept) }
        }
        guard !isQuiet else { return }
        guard bar else { return Console.out(text) }
        guard let step = Self.step(text) else { return }
        Console.raw("\r\u{1B}[K" + Self.bar(step, name: name, colour: colour))
    }

    func end() {
        if bar, !isQuiet { Console.raw("\r\u{1B}[K") }
    }

    /// The last lines.
    var last: String { lines.withLock { $0.joined(separator: "\n") } }

    /// The last lines, where they were not shown as they came.
    var reason: String {
        guard bar || isQuiet else { return "" }
        return ":\n" + last
    }

    /// Reads `STEP 3/11: COPY …` (buildah), `Step 3/11 : COPY …` (docker) and `#7 [3/11] COPY …` (BuildKit).
    static func step(_ line: String) -> Step? {
        for pattern in [/^(?:STEP|Step) (\d+)\/(\d+) ?: (.*)$/, /^#\d+ \[(?:[^\]]* )?(\d+)\/(\d+)\] (.*)$/] {
            guard let match = line.wholeMatch(of: pattern), let number = Int(match.1), let total = Int(match.2),
                total > 0, number <= total
            else { continue }
            return Step(number: number, total: total, text: String(match.3))
        }
        return nil
    }

    static func bar(_ step: Step, name: String, colour: Bool) -> String {
        let width = 24
        let filled = width * step.number / step.total
        let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
        let text = step.text.count > 40 ? step.text.prefix(39) + "…" : step.text[...]
        return "\(name) \(colour ? "\u{1B}[34m\(bar)\u{1B}[0m" : bar) \(step.number)/\(step.total) \(text)"
    }
}
