/// A program to be run: what, with which arguments, for how long, and how much of its output is kept.
///
/// There is no shell between the caller and the program, so no argument is ever split or expanded.
public struct Command: Sendable, Equatable {
    /// What the program reads on its standard input.
    public enum Input: Sendable, Equatable {
        /// Nothing: the program reads end of file.
        case none
        /// These bytes, then end of file.
        case bytes([UInt8])
        /// One line typed at a terminal made for it. For programs that ask for a password only at a
        /// terminal; the line is in no argument list, so other users of the machine cannot see it.
        case terminalLine(String)
    }

    /// What becomes of the program's standard output.
    public enum Output: Sendable, Equatable {
        /// It is kept. A program that writes more than `limit` bytes is ended and the run fails.
        case collected(limit: Int)
        /// Nobody reads it: the program writes to /dev/null.
        case discarded
    }

    /// An absolute path, or a name to be found on the search path.
    public var executable: String
    /// The arguments after the program's own name.
    public var arguments: [String]
    /// Variables set over those that this process passes on.
    public var environment: [String: String]
    /// The standard input.
    public var input: Input
    /// The standard output.
    public var output: Output
    /// How many bytes of standard error are kept: the last ones, for an error text. More is no failure.
    public var errorLimit: Int
    /// How long the program may run before its process group is ended, SIGTERM first.
    public var timeLimit: Duration

    /// Makes a command. The limits have defaults that suit a short question to a local daemon.
    public init(
        _ executable: String, _ arguments: [String] = [], environment: [String: String] = [:],
        input: Input = .none, output: Output = .collected(limit: 16 << 20), errorLimit: Int = 16 << 10,
        timeLimit: Duration = .seconds(30)
    ) {
        self.executable = executable
        self.arguments = arguments
        self.environment = environment
        self.input = input
        self.output = output
        self.errorLimit = errorLimit
        self.timeLimit = timeLimit
    }

    /// The program's name without its directory, for sentences about it.
    public var name: String {
        executable.split(separator: "/").last.map(String.init) ?? executable
    }
}

/// Arguments, input and environment may hold secrets, so the text form shows none of them.
extension Command: CustomStringConvertible, CustomReflectable {
    /// The program's name and how many arguments it has.
    public var description: String { "\(name) (\(arguments.count) arguments)" }
    /// The program alone.
    public var customMirror: Mirror { Mirror(self, children: ["executable": executable]) }
}

/// How a program ended and what it wrote. A status other than 0 is data here, not an error.
public struct CommandResult: Sendable, Equatable {
    /// How a process ended.
    public enum Status: Sendable, Equatable, CustomStringConvertible {
        /// It ended by itself with this code.
        case exited(Int32)
        /// A signal of this number ended it.
        case signalled(Int32)

        /// In words, such as `exit code 1`.
        public var description: String {
            switch self {
            case .exited(let code): "exit code \(code)"
            case .signalled(let number): "signal \(number)"
            }
        }
    }

    /// How the program ended.
    public let status: Status
    /// What it wrote on standard output.
    public let output: [UInt8]
    /// The end of what it wrote on standard error, at most ``Command/errorLimit`` bytes.
    public let error: String

    /// Makes a result, as a runner or a test does.
    public init(status: Status, output: [UInt8] = [], error: String = "") {
        self.status = status
        self.output = output
        self.error = error
    }

    /// Whether the program ended with code 0.
    public var succeeded: Bool { status == .exited(0) }

    /// The standard output as text; bytes that are not UTF-8 are replaced.
    public var outputText: String { String(decoding: output, as: UTF8.self) }
}
