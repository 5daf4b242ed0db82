import Glibc

/// A terminal for one program, with one line already typed.
///
/// The terminal echoes nothing. It must be closed by its owner after the program has ended.
struct PseudoTerminal {
    /// The longest line, in bytes: the kernel's line editor keeps 4096 with the line feed.
    static let maximumLine = 4095

    /// TIOCSPTLCK and TIOCGPTN of asm-generic/ioctls.h; `unlockpt` and `ptsname`, which Swift does not see, are
    /// these two calls.
    private static let lockRequest: UInt = 0x4004_5431
    private static let numberRequest: UInt = 0x8004_5430

    /// The side the program reads.
    let programSide: Int32
    private let typingSide: Int32

    init(typing line: String) throws {
        guard line.utf8.count <= Self.maximumLine, !line.utf8.contains(where: { $0 < 0x20 || $0 == 0x7f }) else {
            throw ContainersError(
                .invalidArgument, "a password must have at most \(Self.maximumLine) bytes and no control characters")
        }
        let typing = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
        guard typing >= 0 else { throw Self.failure("no terminal could be opened") }
        var program: Int32 = -1
        do {
            program = try Self.openProgramSide(of: typing)
            try Self.silence(program)
            try Self.type(line, on: typing)
        } catch {
            Glibc.close(typing)
            if program >= 0 { Glibc.close(program) }
            throw error
        }
        typingSide = typing
        programSide = program
    }

    func close() {
        Glibc.close(programSide)
        Glibc.close(typingSide)
    }

    private static func openProgramSide(of typing: Int32) throws -> Int32 {
        var locked: Int32 = 0
        var number: Int32 = 0
        guard ioctl(typing, lockRequest, &locked) == 0, ioctl(typing, numberRequest, &number) == 0 else {
            throw failure("the terminal could not be unlocked")
        }
        let program = open("/dev/pts/\(number)", O_RDWR | O_NOCTTY | O_CLOEXEC)
        guard program >= 0 else { throw failure("the terminal could not be opened") }
        return program
    }

    private static func silence(_ terminal: Int32) throws {
        var attributes = termios()
        guard tcgetattr(terminal, &attributes) == 0 else { throw failure("the terminal has no attributes") }
        attributes.c_lflag &= ~tcflag_t(ECHO | ECHONL)
        guard tcsetattr(terminal, TCSANOW, &attributes) == 0 else { throw failure("the terminal could not be set") }
    }

    private static func type(_ line: String, on typing: Int32) throws {
        let bytes = Array(line.utf8) + [UInt8(ascii: "\n")]
        guard write(typing, bytes, bytes.count) == bytes.count else {
            throw failure("the terminal took no input")
        }
    }

    private static func failure(_ what: String) -> ContainersError {
        ContainersError(.internalError, "\(what): \(String(cString: strerror(errno)))")
    }
}
