import Foundation
import Synchronization
import TestSupport

/// A program that runs beside a test until the test ends it.
final class BackgroundProgram: Sendable {
    private let process: Mutex<Process>
    private let file: String

    /// Runs a body with a program, and ends that however the body ends.
    ///
    /// - Parameter signal: what ends it, if the body has not; SIGKILL for what has nothing to clear up.
    static func with<Value>(
        _ program: String, _ arguments: [String], endedBy signal: Int32 = SIGTERM,
        _ body: (BackgroundProgram) async throws -> Value
    ) async throws -> Value {
        let background = try BackgroundProgram(program, arguments)
        do {
            let value = try await body(background)
            await background.remove(signal)
            return value
        } catch {
            let output = background.output.suffix(3000)
            await background.remove(signal)
            throw TestFailure("\(error)\n\(program) \(arguments.last ?? "") has printed:\n\(output)")
        }
    }

    private init(_ program: String, _ arguments: [String]) throws {
        file = NSTemporaryDirectory() + "output-\(UUID().uuidString)"
        guard FileManager.default.createFile(atPath: file, contents: nil),
            let handle = FileHandle(forWritingAtPath: file)
        else { throw TestFailure("cannot write \(file)") }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [program] + arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = handle
        process.standardError = handle
        try process.run()
        self.process = Mutex(process)
    }

    /// What it has printed so far.
    var output: String { String(decoding: FileManager.default.contents(atPath: file) ?? Data(), as: UTF8.self) }

    /// Waits for a text that it prints.
    func prints(_ text: String, times: Int = 1) async throws {
        try await eventually("it prints \(times) times: \(text)", within: .seconds(60)) {
            output.ranges(of: text).count >= times
        }
    }

    /// Sends a signal and waits for the end.
    ///
    /// - Returns: the status it has ended with.
    func end(with signal: Int32) async -> Int32 {
        let number = process.withLock { $0.processIdentifier }
        kill(number, signal)
        var waited = 0
        while process.withLock({ $0.isRunning }) {
            try? await Task.sleep(for: .milliseconds(20))
            waited += 1
            if waited == 1000 { kill(number, SIGKILL) }
        }
        return process.withLock { $0.terminationStatus }
    }

    private func remove(_ signal: Int32) async {
        if process.withLock({ $0.isRunning }) { _ = await end(with: signal) }
        try? FileManager.default.removeItem(atPath: file)
    }

    /// A port of this machine that nobody has right now.
    static func freePort() throws -> UInt16 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(INADDR_LOOPBACK).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
            }
        }
        guard bound else { throw TestFailure("there is no free port") }
        return UInt16(bigEndian: address.sin_port)
    }
}
