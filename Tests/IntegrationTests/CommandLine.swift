import Foundation
import TestSupport

/// A user of the command line: a home, a folder to work in, and a builder's store of their own.
struct CommandLineUser {
    let daemon: Daemon
    let directory: String
    private let program: String

    /// The folder that commands are called in.
    var folder: String { directory + "/work" }

    /// - Throws: a failure of the file system.
    init(_ daemon: Daemon) throws {
        self.daemon = daemon
        directory = daemon.directory + "/user"
        program = directory + "/faas-cli"
        try FileManager.default.createDirectory(atPath: directory + "/work", withIntermediateDirectories: true)
        // The name decides what the program is.
        try FileManager.default.createSymbolicLink(
            atPath: program, withDestinationPath: daemon.environment.faasd)
        try """
        [storage]
        driver = "overlay"
        graphroot = "\(directory)/storage"
        runroot = "\(directory)/run"
        """.write(toFile: directory + "/storage.conf", atomically: true, encoding: .utf8)
    }

    /// Calls a command; nothing of the machine's own settings is seen by it.
    @discardableResult
    func call(_ arguments: String..., input: String = "", variables: [String] = []) async throws -> Shell.Outcome {
        try await call(arguments, input: input, variables: variables)
    }

    /// Calls a command.
    ///
    /// - Parameter timeLimit: in seconds; then it is ended, with code 124.
    @discardableResult
    func call(
        _ arguments: [String], input: String = "", variables: [String] = [], timeLimit: Int = 120
    ) async throws -> Shell.Outcome {
        try await Shell.run(
            "timeout", [String(timeLimit)] + environment + variables + [program] + arguments, input: input)
    }

    /// Runs a command beside the body, which has to end it in its own way; it is ended at the latest when the body ends.
    func with<Value>(
        _ arguments: String..., body: (BackgroundProgram) async throws -> Value
    ) async throws -> Value {
        try await BackgroundProgram.with("env", environment.dropFirst() + [program] + arguments, body)
    }

    /// Runs a line of a page as a user would type it.
    func shell(_ line: String) async throws -> Shell.Outcome {
        try await Shell.run("timeout", ["120"] + environment + ["bash", "-c", line])
    }

    private var environment: [String] {
        [
            "env", "-i", "-C", folder, "PATH=\(directory):/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME=\(directory)", "TMPDIR=\(directory)", "OPENFAAS_URL=\(daemon.curl.base)",
            "CONTAINERS_STORAGE_CONF=\(directory)/storage.conf",
        ]
    }

    /// Logs in with the password that the daemon made.
    func logIn() async throws {
        let password = try String(
            contentsOfFile: daemon.directory + "/data/secrets/basic-auth-password", encoding: .utf8)
        let outcome = try await call("login", "--username", "admin", "--password-stdin", input: password + "\n")
        guard outcome.code == 0 else { throw TestFailure("login: \(outcome.output)") }
    }

    /// Gives the builder a base image of `hack/base-images`.
    ///
    /// - Parameter name: another name for it, such as that of the registry's image it stands for.
    func importImage(_ image: String, as name: String? = nil) async throws {
        try await buildah("pull", "--quiet", "oci-archive:\(daemon.environment.images)/\(image).tar")
        if let name { try await buildah("tag", "docker.io/faasd/\(image):latest", name) }
    }

    /// Calls the builder with the store of this user.
    @discardableResult
    func buildah(_ arguments: String...) async throws -> String {
        try await Shell.must("env", ["CONTAINERS_STORAGE_CONF=\(directory)/storage.conf", "buildah"] + arguments)
    }

    func write(_ text: String, to path: String) throws {
        try text.write(toFile: folder + "/" + path, atomically: true, encoding: .utf8)
    }

    func read(_ path: String) throws -> String {
        try String(contentsOfFile: folder + "/" + path, encoding: .utf8)
    }
}
