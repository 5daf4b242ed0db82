import Glibc
import Testing

/// Starts real programs for the tests.
enum Programs {
    /// The watchdog that was built together with these tests: it lies beside the test bundle.
    static func watchdog() throws -> String {
        var path = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/proc/self/exe", &path, path.count - 1)
        let own = String(decoding: path.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let folder = own.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        let built = folder + "/fwatchdog"
        try #require(access(built, X_OK) == 0, "fwatchdog is not beside \(own): build the whole package")
        return built
    }

    /// The folder of the templates, in the package these tests are from.
    static func templates() throws -> String {
        let package = #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
        let folder = "/\(package)/templates"
        try #require(access(folder, R_OK) == 0, "no templates at \(folder)")
        return folder
    }

    /// The descriptors of this process, without the three that every program has.
    private static var openDescriptors: [Int32] {
        guard let folder = opendir("/proc/self/fd") else { return [] }
        defer { closedir(folder) }
        var descriptors: [Int32] = []
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if let descriptor = Int32(name), descriptor > STDERR_FILENO { descriptors.append(descriptor) }
        }
        return descriptors
    }

    /// Starts a program.
    /// - Parameters:
    ///   - descriptors: what it gets as 0, 1 and 2.
    ///   - environment: all of its environment.
    static func start(
        _ command: [String], environment: [String: String] = [:], descriptors: [Int32]
    ) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (index, descriptor) in descriptors.enumerated() {
            posix_spawn_file_actions_adddup2(&actions, descriptor, Int32(index))
        }
        // Nothing that other tests hold open may count against its limit.
        for descriptor in openDescriptors { posix_spawn_file_actions_addclose(&actions, descriptor) }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
        let arguments = command.map { strdup($0) } + [nil]
        let variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for text in arguments + variables { free(text) } }
        var process: pid_t = 0
        let error = posix_spawnp(&process, command[0], &actions, &attributes, arguments, variables)
        try #require(error == 0, "cannot start \(command[0]): \(String(cString: strerror(error)))")
        return process
    }

    /// Runs a program to its end.
    /// - Returns: its exit status (128 and more: killed by a signal) and its stdout and stderr, one after the other.
    static func run(_ command: [String], environment: [String: String] = [:]) throws -> (status: Int32, output: String)
    {
        let folder = try TemporaryFolder()
        let output = try folder.open("output")
        let none = open("/dev/null", O_RDONLY | O_CLOEXEC)
        defer { for descriptor in [output, none] { close(descriptor) } }
        let variables = environment.merging(["PATH": "/usr/bin:/bin:/usr/sbin:/sbin"]) { given, _ in given }
        let process = try start(command, environment: variables, descriptors: [none, output, output])
        let status = wait(process)
        return (status, folder.read("output"))
    }

    /// Waits for the end of a process.
    static func wait(_ process: pid_t) -> Int32 {
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        return status & 0x7f == 0 ? status >> 8 & 0xff : 128 + (status & 0x7f)
    }

    /// Whether a process exists and is not a zombie.
    static func isAlive(_ process: pid_t) -> Bool {
        guard let stat = readFile("/proc/\(process)/stat"), let end = stat.lastIndex(of: ")") else { return false }
        return !stat[end...].hasPrefix(") Z")
    }
}

/// The whole of a file as text, or nil when there is none.
func readFile(_ path: String) -> String? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 65536)
    while true {
        let count = read(descriptor, &piece, piece.count)
        guard count > 0 else { break }
        bytes += piece.prefix(count)
    }
    return String(decoding: bytes, as: UTF8.self)
}

/// Looks again and again until a fact is there.
/// - Returns: whether it came within `seconds`.
func eventually(within seconds: Double = 10, _ fact: () throws -> Bool) rethrows -> Bool {
    let clock = ContinuousClock()
    let deadline = clock.now + .seconds(seconds)
    while clock.now < deadline {
        if try fact() { return true }
        usleep(2000)
    }
    return try fact()
}

/// A folder of files that goes away with this object.
final class TemporaryFolder {
    let path: String

    init() throws {
        var template = Array("/tmp/fwatchdog-test-XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        chmod(path, 0o777)
    }

    deinit {
        for name in Self.names(in: path) where name != "." && name != ".." { unlink("\(path)/\(name)") }
        rmdir(path)
    }

    func open(_ name: String) throws -> Int32 {
        let descriptor = Glibc.open("\(path)/\(name)", O_CREAT | O_RDWR | O_APPEND | O_CLOEXEC, 0o666)
        try #require(descriptor >= 0)
        return descriptor
    }

    func write(_ text: String, to name: String) throws {
        let file = try open(name)
        defer { close(file) }
        try #require(Glibc.write(file, text, text.utf8.count) == text.utf8.count)
    }

    /// Names in a folder, with `.` and `..`.
    static func names(in path: String) -> [String] {
        guard let directory = opendir(path) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            names.append(
                withUnsafePointer(to: &entry.pointee.d_name) { name in
                    name.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                })
        }
        return names
    }

    func read(_ name: String) -> String { readFile("\(path)/\(name)") ?? "" }
}
