import Foundation
import Glibc
import Testing

@testable import Containers

/// An image made of this machine's static busybox, as an archive in Docker's form. No registry is asked.
enum BoxImage {
    private static let applets = [
        "arping", "cat", "chmod", "chroot", "dd", "env", "grep", "hostname", "httpd", "id", "ip", "kill", "ls",
        "mkdir", "mknod", "mount", "nc", "nslookup", "ping", "pwd", "sh", "sleep", "tail", "touch", "true", "unshare",
        "wc", "wget",
    ]

    /// Makes the archive and returns its path.
    ///
    /// - Parameter user: What the image says it is run as.
    static func archive(
        in directory: String, name: String = Machine.image, user: String = ""
    ) async throws -> String {
        let files = FileManager.default
        for folder in ["bin", "etc", "tmp", "out"] {
            try files.createDirectory(atPath: "\(directory)/root/\(folder)", withIntermediateDirectories: true)
        }
        try files.setAttributes([.posixPermissions: 0o1777], ofItemAtPath: "\(directory)/root/tmp")
        let busybox = try #require(["/bin/busybox", "/usr/bin/busybox"].first { files.isExecutableFile(atPath: $0) })
        try files.copyItem(
            atPath: URL(filePath: busybox).resolvingSymlinksInPath().path, toPath: "\(directory)/root/bin/busybox")
        for applet in applets {
            try files.createSymbolicLink(
                atPath: "\(directory)/root/bin/\(applet)", withDestinationPath: "busybox")
        }
        try addSetuidProgram(in: "\(directory)/root")
        try await run("tar", ["--create", "--file", "\(directory)/layer.tar", "--directory", "\(directory)/root", "."])
        let sum = try await run("sha256sum", ["\(directory)/layer.tar"]).prefix(64)
        let config = """
            {"architecture":"\(ImageManifest.hostArchitecture)","os":"linux","config":{"Entrypoint":["/bin/sh","-c"],
            "Cmd":["echo from the image > /out/out"],"Env":["PATH=/bin","FROM_IMAGE=1"],"ExposedPorts":{"8080/tcp":{}},
            "Labels":{"box.label":"a,b"},"WorkingDir":"/tmp","User":"\(user)"},"rootfs":{"type":"layers","diff_ids":["sha256:\(sum)"]}}
            """
        try config.write(toFile: "\(directory)/config.json", atomically: false, encoding: .utf8)
        try #"[{"Config":"config.json","RepoTags":["\#(name)"],"Layers":["layer.tar"]}]"#
            .write(toFile: "\(directory)/manifest.json", atomically: false, encoding: .utf8)
        let archive = "\(directory)/docker.tar"
        try await run(
            "tar",
            ["--create", "--file", archive, "--directory", directory, "manifest.json", "config.json", "layer.tar"])
        return archive
    }

    /// A program that belongs to root and makes root of whoever starts it: `su`, with no password for root.
    private static func addSetuidProgram(in root: String) throws {
        try FileManager.default.copyItem(atPath: "\(root)/bin/busybox", toPath: "\(root)/bin/su")
        // Foundation leaves this bit out.
        try #require(chmod("\(root)/bin/su", 0o4755) == 0)
        try "root::0:0:root:/:/bin/sh\nuser::1000:1000:user:/:/bin/sh\n"
            .write(toFile: "\(root)/etc/passwd", atomically: false, encoding: .utf8)
        try "root:x:0:\nuser:x:1000:\n".write(toFile: "\(root)/etc/group", atomically: false, encoding: .utf8)
    }

    /// Turns an archive in Docker's form, once imported, into one in OCI's form.
    static func ociArchive(_ machine: Machine, to path: String) async throws {
        _ = try await machine.ctr.client.require(
            ["images", "export", path, Machine.image], namespace: Machine.namespace, about: "export")
    }

    @discardableResult
    private static func run(_ program: String, _ arguments: [String]) async throws -> String {
        let result = try await SubprocessRunner().run(Command(program, arguments))
        try #require(result.succeeded, "\(program): \(result.error)")
        return result.outputText
    }
}
