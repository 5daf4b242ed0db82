import Foundation
import Glibc

/// Standard output and standard error.
///
/// What is written comes out at once and whole, so that lines of functions that are built at the same time do not mix.
enum Console {
    private static let lock = NSLock()

    /// A line on standard output.
    static func out(_ line: String = "") { write(Array((line + "\n").utf8), to: STDOUT_FILENO) }

    /// Text on standard output as it is.
    static func raw(_ text: String) { write(Array(text.utf8), to: STDOUT_FILENO) }

    /// Bytes on standard output.
    static func raw(_ bytes: some Sequence<UInt8>) { write(Array(bytes), to: STDOUT_FILENO) }

    /// A line on standard error: what is not part of the answer.
    static func note(_ line: String) { write(Array((line + "\n").utf8), to: STDERR_FILENO) }

    /// Whether somebody watches standard output.
    static var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

    /// Whether somebody types at standard input.
    static var inputIsTerminal: Bool { isatty(STDIN_FILENO) == 1 }

    /// All of standard input.
    ///
    /// - Throws: ``CLIError`` when it is longer than `limit` bytes or cannot be read.
    static func readAll(limit: Int) throws -> [UInt8] {
        if inputIsTerminal { note("Reading from STDIN - hit (Control + D) to stop.") }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = read(STDIN_FILENO, &piece, piece.count)
            if count < 0, errno == EINTR { continue }
            // A closed standard input has nothing to say.
            guard count > 0 else { return bytes }
            guard bytes.count + count <= limit else {
                throw CLIError(.usage, "standard input is longer than \(limit >> 20) MiB")
            }
            bytes += piece[..<count]
        }
    }

    private static func write(_ bytes: [UInt8], to descriptor: Int32) {
        lock.withLock {
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
                if count < 0, errno == EINTR || errno == EAGAIN { continue }
                // Nobody is left who reads.
                guard count > 0 else { return }
                rest = rest.dropFirst(count)
            }
        }
    }
}
