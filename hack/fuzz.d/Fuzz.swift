import Glibc

/// libFuzzer's own entry, for a program that has a `main` of its own (LLVM, "Using libFuzzer as a library").
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
    _ argc: UnsafeMutablePointer<CInt>,
    _ argv: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
    _ callback: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

/// Which property is tried: `FUZZ_TARGET`, one of ``ParserProperty``.
private let property: ParserProperty? = getenv("FUZZ_TARGET").flatMap { ParserProperty(rawValue: String(cString: $0)) }

/// Tries one input. Whatever does not hold is told, and ends the process, so that the fuzzer keeps the input.
private func tryInput(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = Array(UnsafeBufferPointer(start: data, count: count))
    if let violation = property?.violation(for: input) {
        let text = "violated: \(violation)\n"
        _ = text.withCString { write(STDERR_FILENO, $0, text.utf8.count) }
        abort()
    }
    return 0
}

@main
enum Fuzz {
    static func main() {
        guard property != nil else {
            print(ParserProperty.allCases.map(\.rawValue).joined(separator: "\n"))
            return
        }
        var count = CommandLine.argc
        var arguments = CommandLine.unsafeArgv
        exit(runDriver(&count, &arguments, tryInput))
    }
}
