import Foundation
import Glibc

/// A function in a container of the builder's, on a port of this machine.
struct LocalFunction: Sendable {
    let name: String
    let image: String
    let builder: ImageBuilder
    let port: UInt16
    let network: String?
    let variables: [String: String]
    /// Files and folders of this machine, and where the function has them, read-only.
    let mounts: [(source: String, target: String)]
    /// Empty for the image's own.
    let command: [String]
    let surroundings: Surroundings

    private static let watchdog = "/usr/bin/fwatchdog"
    private static let secrets = "/var/openfaas/secrets"

    /// - Throws: ``CLIError`` when something that it needs is missing.
    static func make(
        _ function: StackFunction, image: String, builder: ImageBuilder, variables: [String: String], port: UInt16,
        network: String?, _ surroundings: Surroundings
    ) async throws -> LocalFunction {
        let complete = FunctionImage.complete(image)
        let config = try await ImageSettings.read(complete, builder, surroundings)
        var all = try EnvironmentFiles.environment(of: function, surroundings).merging(variables) { $1 }
        all["OPENFAAS_NAME"] = function.name
        all["OPENFAAS_NAMESPACE"] = function.namespace.isEmpty ? "openfaas-fn" : function.namespace
        var process = function.fprocess
        if process.isEmpty, !function.lang.isEmpty, !function.isDockerfile {
            process = try TemplateFolder(surroundings).description(of: function.lang).fprocess
        }
        if !process.isEmpty { all["fprocess"] = process }
        let port = port == 0 ? try FreePort.find() : port
        if builder == .buildah {
            // It has no network of its own: the port is chosen inside, and nobody reads its metrics.
            if all["port"] == nil { all["port"] = String(port) }
            if all["metrics_port"] == nil { all["metrics_port"] = "none" }
        }
        var mounts: [(source: String, target: String)] = []
        var command = config.command
        if !config.servesItself {
            mounts.append((try watchdogOfThisMachine(), watchdog))
            // Where there is a variable fprocess, the watchdog runs that.
            let isNamed = all["fprocess"] != nil || config.variables.contains { $0.hasPrefix("fprocess=") }
            command = [watchdog] + (isNamed ? [] : ["--"] + config.command)
        }
        if !function.secrets.isEmpty { mounts.append((try secretsFolder(function, surroundings), secrets)) }
        return LocalFunction(
            name: "faas-local-\(function.name)-\(getpid())", image: complete, builder: builder, port: port,
            network: network,
            variables: all, mounts: mounts, command: command, surroundings: surroundings)
    }

    /// faasd brings its watchdog along, beside this program.
    private static func watchdogOfThisMachine() throws -> String {
        let own = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let path = ((own ?? "") as NSString).deletingLastPathComponent + "/fwatchdog"
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw CLIError(.file, "the watchdog is not at \(path), where faasd's installation has it")
        }
        return path
    }

    private static func secretsFolder(_ function: StackFunction, _ surroundings: Surroundings) throws -> String {
        let folder = surroundings.path(".secrets")
        for secret in function.secrets where !FileManager.default.fileExists(atPath: folder + "/" + secret) {
            throw CLIError(
                .file,
                "\(function.place): the secret \"\(secret)\" is not here: write its value into ./.secrets/\(secret)")
        }
        return folder
    }

    /// The arguments that run the function, until it ends.
    var arguments: [String] {
        let pairs = variables.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        switch builder {
        case .buildah:
            return ["run", "--isolation", surroundings["BUILDAH_ISOLATION"] ?? "chroot"]
                + mounts.flatMap { ["--volume", "\($0.source):\($0.target):ro"] } + pairs.flatMap { ["--env", $0] }
                + [name, "--"] + command
        case .nerdctl, .docker:
            // The first word of a command is another option.
            let entry = command.first.map { ["--entrypoint", $0] } ?? []
            return ["run", "--rm", "--name", name, "--publish", "127.0.0.1:\(port):8080"]
                + (network.map { ["--network", $0] } ?? [])
                + mounts.flatMap { ["--volume", "\($0.source):\($0.target):ro"] } + pairs.flatMap { ["--env", $0] }
                + entry + [image] + command.dropFirst()
        }
    }

    /// What a user would type.
    var commandLine: String {
        let first = builder == .buildah ? ["buildah from --name \(name) \(image)"] : []
        let words = [builder.rawValue] + arguments
        let line = words.map { word in
            word.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_./:=@,".contains($0)) } && !word.isEmpty
                ? word : "'" + word.replacing("'", with: #"'\''"#) + "'"
        }
        return (first + [line.joined(separator: " ")]).joined(separator: "\n")
    }

    /// Runs it until it ends or the task is cancelled; its container is gone then.
    func run() async throws {
        let program = builder.program(surroundings)
        do {
            if builder == .buildah {
                let made = try await program.run(["from", "--pull-never", "--name", name, image])
                guard made.code == 0 else {
                    throw CLIError(
                        .program, "the container could not be made: \(made.error.split(separator: "\n").last ?? "")")
                }
            }
            Console.out("Running \(image) at http://127.0.0.1:\(port); Ctrl-C ends it.")
            let code = try await program.follow(arguments) { Console.out($0) }
            throw CLIError(.program, "the function has ended with \(code)")
        } catch {
            // Also after Ctrl-C, when this task does nothing any more.
            let words = builder == .buildah ? ["rm", name] : ["rm", "--force", name]
            await Task.detached { _ = try? await program.run(words) }.value
            throw error
        }
    }
}
