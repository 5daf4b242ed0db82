import Foundation
import Testing

@testable import Containers

extension IntegrationTests {
    /// What a container sees of itself and of the machine.
    @Suite(.serialized) struct ConfinementTests {
        private static let status = "grep -E '^(Cap|NoNewPrivs|Seccomp:)' /proc/self/status > /out/out"

        @Test func theDefaultsAreSafe() async throws {
            try await Machine.with { machine in
                let text = try await machine.output(of: machine.spec("safe", ["/bin/sh", "-c", Self.status]))
                for set in ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"] {
                    #expect(text.contains("\(set):\t0000000000000000"))
                }
                #expect(text.contains("NoNewPrivs:\t1"))
                #expect(text.contains("Seccomp:\t2"))
            }
        }

        @Test func capabilitiesGivenBack() async throws {
            try await Machine.with { machine in
                var spec = machine.spec("caps", ["/bin/sh", "-c", Self.status])
                spec.addCapabilities = ["CAP_NET_BIND_SERVICE", "CAP_SYS_TIME"]
                spec.seccomp = false
                let text = try await machine.output(of: spec)
                // Bits 10 and 25 of linux/capability.h.
                #expect(text.contains("CapEff:\t0000000002000400"))
                #expect(text.contains("Seccomp:\t0"))
            }
        }

        @Test func fileSystems() async throws {
            try await Machine.with { machine in
                let odd = machine.directory.path + "/odd, \"name\"=x:y"
                try FileManager.default.createDirectory(atPath: odd, withIntermediateDirectories: true)
                try "hello".write(toFile: odd + "/file", atomically: false, encoding: .utf8)
                let script = """
                    { touch /x 2>/dev/null && echo root-written; touch /in/y 2>/dev/null && echo bind-written
                    touch /tmp/z && echo tmp-written; cat "/in, \\"x\\"/file"; echo
                    grep ' /tmp ' /proc/mounts; pwd; } > /out/out
                    """
                var spec = machine.spec("files", ["/bin/sh", "-c", script])
                spec.readOnlyRootFilesystem = true
                spec.workingDirectory = "/bin"
                spec.mounts = [
                    Mount(.bind(odd), at: "/in", readOnly: true), Mount(.bind(odd), at: "/in, \"x\"", readOnly: true),
                    Mount(.tmpfs(sizeBytes: 1 << 20), at: "/tmp"),
                ]
                let text = try await machine.output(of: spec)
                #expect(!text.contains("root-written"))
                #expect(!text.contains("bind-written"))
                #expect(text.contains("tmp-written\nhello\n"))
                #expect(text.contains("nosuid,nodev"))
                #expect(text.contains("size=1024k"))
                #expect(text.hasSuffix("/bin\n"))
            }
        }

        @Test func commandAndEnvironment() async throws {
            try await Machine.with { machine in
                var spec = machine.spec("image-command")
                spec.arguments = nil
                #expect(try await machine.output(of: spec) == "from the image\n")

                spec = machine.spec(
                    "env",
                    ["/bin/sh", "-c", "env > /out/out; printf '%s|' \"$@\" >> /out/out", "x", "--rm", "a b", "c,d"])
                let long = String(repeating: "L", count: 100_000)
                spec.environment = [
                    .init("COMMAS", "1,2,,3"), .init("EQUALS", "a=b=c"), .init("SPACES", "  x  "), .init("EMPTY", ""),
                    .init("QUOTES", "\"q\" 'r' $HOME `id`"), .init("LINES", "one\ntwo"), .init("UNICODE", "é✓"),
                    .init("LONG", long), .init("FROM_IMAGE", "over"), .init("TWICE", "1"), .init("TWICE", "2"),
                ]
                let text = try await machine.output(of: spec)
                for line in [
                    "COMMAS=1,2,,3", "EQUALS=a=b=c", "SPACES=  x  ", "EMPTY=", "QUOTES=\"q\" 'r' $HOME `id`",
                    "LINES=one",
                    "two", "UNICODE=é✓", "LONG=\(long)", "FROM_IMAGE=over", "TWICE=2",
                ] {
                    #expect(text.contains("\(line)\n"), "\(line.prefix(80))")
                }
                #expect(text.hasSuffix("--rm|a b|c,d|"))
            }
        }

        @Test func limitsAreInTheCgroup() async throws {
            try await Machine.with { machine in
                var spec = machine.spec("limits")
                spec.memoryLimitBytes = 64 << 20
                spec.cpus = 0.25
                let task = try await machine.ctr.run(spec)
                let cgroup = try Cgroup.locate(pid: task.pid)
                // The runtime's own thread may linger for a moment after the start.
                let usage = try await eventually {
                    let usage = try cgroup.usage()
                    return usage.processes == 1 ? usage : nil
                }
                #expect(usage.memoryLimitBytes == 64 << 20)
                #expect(usage.memoryBytes > 0 && usage.memoryBytes < 64 << 20)
                #expect(usage.cpuNanoseconds > 0)
                switch cgroup.layout {
                case .v1(let directories):
                    #expect(SmallFile.read("\(directories["cpu"] ?? "")/cpu.cfs_quota_us") == "25000\n")
                case .v2(let directory):
                    #expect(SmallFile.read("\(directory)/cpu.max") == "25000 100000\n")
                }
            }
        }

        @Test func execInside() async throws {
            try await Machine.with { machine in
                _ = try await machine.ctr.run(machine.spec("exec"))
                let script = "cat; echo err >&2; pwd; exit 7"
                let result = try await machine.ctr.exec(
                    "exec", namespace: Machine.namespace,
                    ExecSpec(["/bin/sh", "-c", script], input: Array("in ".utf8), workingDirectory: "/etc"))
                #expect(result == CommandResult(status: .exited(7), output: Array("in /etc\n".utf8), error: "err\n"))
                var error = await #expect(throws: ContainersError.self) {
                    try await machine.ctr.exec("exec", namespace: Machine.namespace, ExecSpec(["/nope"]))
                }
                #expect(error?.code == .startFailed)
                error = await #expect(throws: ContainersError.self) {
                    try await machine.ctr.exec("absent", namespace: Machine.namespace, ExecSpec(["/bin/id"]))
                }
                #expect(error?.code == .notFound)
                error = await #expect(throws: ContainersError.self) {
                    try await machine.ctr.exec(
                        "exec", namespace: Machine.namespace,
                        ExecSpec(["/bin/sleep", "54321"], timeLimit: .milliseconds(500)))
                }
                #expect(error?.code == .timedOut)
                _ = try await eventually { Machine.processes(naming: "54321").isEmpty ? true : nil }
            }
        }

        @Test func theLogProgram() async throws {
            try await Machine.with { machine in
                let path = machine.directory.path
                let script =
                    "#!/bin/sh\nexec 5>&-\nprintf '%s\\n' \"$CONTAINER_ID $CONTAINER_NAMESPACE $*\" > \(path)/args\ncat <&3 > \(path)/log\n"
                try machine.directory.write(script, to: "my collector")
                try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path + "/my collector")
                let options = try LogOptions(name: "fn", directory: "/var/log/x y", fields: ["F": "a,b=c%"])
                var spec = machine.spec("logs", ["/bin/sh", "-c", "echo one; echo two"])
                spec.logTarget = LogTarget(binary: path + "/my collector", options: options)
                _ = try await machine.ctr.run(spec)
                _ = try await eventually { machine.directory.text("log")?.hasSuffix("two\n") == true ? true : nil }
                #expect(
                    machine.directory.text("args") == "logs \(Machine.namespace) collect \(options.encoded)\n")
            }
        }
    }
}
