import Foundation
import Glibc
import Logging
import Testing

@testable import Containers

extension IntegrationTests {
    /// A container tries what it must not be able to do.
    @Suite(.serialized) struct SandboxTests {
        /// Each attempt, and how it is refused. Done by root without capabilities, the default.
        private static let attempts = [
            ("mount -t tmpfs none /tmp", "denied"), ("mount -o remount,rw /proc/sys", "denied"),
            ("unshare -U true", "permitted"), ("unshare -m true", "permitted"), ("unshare -n true", "permitted"),
            ("ping -c 1 -W 1 127.0.0.1", "denied"), ("arping -c 1 -w 1 -I lo 127.0.0.1", "permitted"),
            ("chroot / /bin/true", "permitted"), ("mknod /tmp/disk b 8 0", "permitted"),
            ("hostname evil", "permitted"), ("cat /dev/mem", "No such file"), ("mkdir /sys/kernel/x", "Read-only"),
            ("touch /proc/sys/kernel/hostname && echo x > /proc/sys/kernel/hostname", "Read-only"),
            ("chmod 777 /proc/irq", "Read-only"), ("echo 1 > /proc/sys/vm/drop_caches", "Read-only"),
        ]

        private struct Outcome {
            /// What was written on either output.
            var text: Substring
            var succeeded: Bool
        }

        /// Runs a script in a container. `ctr` may lose what a program wrote that was over in a moment, so it is run
        /// until the line at its end is there.
        private func exec(_ machine: Machine, _ id: String, _ script: String) async throws -> Outcome {
            let spec = ExecSpec(["/bin/sh", "-c", "sh -c \"$1\" 2>&1; echo \"status $?\"", "-", script])
            return try await eventually {
                let text = try await machine.ctr.exec(id, namespace: Machine.namespace, spec).outputText
                guard let end = text.ranges(of: "status ").last, text.hasSuffix("\n") else { return nil }
                return Outcome(text: text[..<end.lowerBound], succeeded: text[end.upperBound...] == "0\n")
            }
        }

        @Test(.timeLimit(.minutes(2))) func whatIsForbidden() async throws {
            try await Machine.with { machine in
                let task = try await machine.ctr.run(machine.spec("jail"))
                for (attempt, reason) in Self.attempts {
                    let result = try await exec(machine, "jail", attempt)
                    #expect(!result.succeeded, "\(attempt)")
                    #expect(result.text.contains(reason), "\(attempt): \(result.text)")
                }
                let kernel = try await exec(machine, "jail", "dd if=/proc/kcore bs=16 count=1 2>/dev/null | wc -c")
                #expect(kernel.text == "0\n")
                // Processes of the machine are not there: neither by number nor in the list.
                let host = try await exec(machine, "jail", "kill -0 \(getpid()); ls -d /proc/[0-9]*")
                #expect(host.text.contains("No such process"))
                #expect(host.text.split(separator: "\n").filter { $0.hasPrefix("/proc") }.count <= 4)
                #expect(!ProcessWatch(pid: task.pid, procRoot: "/proc").hasEnded)
            }
        }

        /// Without `no_new_privs` the program makes root of a user, as is shown first.
        @Test func aSetuidProgramGivesNothing() async throws {
            try await Machine.with { machine in
                let image = "docker.io/containers-test/user:latest"
                _ = try await machine.images.importArchive(
                    try await BoxImage.archive(in: machine.directory.path + "/user", name: image, user: "user:user"),
                    namespace: Machine.namespace)
                _ = try await machine.ctr.client.require(
                    ["run", "--detach", "--null-io", "--allow-new-privs", image, "loose", "/bin/sleep", "1000"],
                    namespace: Machine.namespace, about: "run")
                // By its path: the shell has a su of its own, which is not set-user-id.
                let script = "id -u; /bin/su -c 'id -u'"
                let loose = try await exec(machine, "loose", script)
                #expect(loose.text == "1000\n0\n")
                for (id, capabilities) in [("tight", []), ("tighter", ["CAP_SETUID", "CAP_SETGID"])] {
                    var spec = machine.spec(id)
                    spec.image = image
                    spec.addCapabilities = capabilities
                    _ = try await machine.ctr.run(spec)
                    let result = try await exec(machine, id, script)
                    #expect(result.text == "1000\nsu: must be suid to work properly\n")
                    #expect(!result.succeeded)
                }
            }
        }

        @Test(.timeLimit(.minutes(2))) func aForkBombIsStopped() async throws {
            try await Machine.with { machine in
                let bomb = "i=0; while [ $i -lt 200 ]; do sleep 1000 & i=$((i+1)); done; echo all"
                for (id, limit) in [("tame", nil), ("bomb", 60)] {
                    var spec = machine.spec(id)
                    spec.pidsLimit = limit
                    let task = try await machine.ctr.run(spec)
                    let result = try await exec(machine, id, bomb)
                    let processes = try Cgroup.locate(pid: task.pid).usage().processes
                    if limit == nil {
                        #expect(result.text == "all\n")
                        #expect(processes > 200)
                    } else {
                        #expect(result.text.contains("can't fork"))
                        #expect((50...60).contains(processes))
                    }
                    try await machine.ctr.delete(id, namespace: Machine.namespace)
                }
            }
        }

        @Test func limitsAndNames() async throws {
            try await Machine.with { machine in
                let before = SmallFile.read("/proc/sys/kernel/hostname")
                var spec = machine.spec("named", ["/bin/sh", "-c", "while :; do sleep 0.05; done"])
                spec.hostname = "figlet-1.openfaas-fn"
                spec.openFilesLimit = 300
                spec.pidsLimit = 50
                let task = try await machine.ctr.run(spec)
                #expect(try await exec(machine, "named", "hostname").text == "figlet-1.openfaas-fn\n")
                #expect(SmallFile.read("/proc/sys/kernel/hostname") == before)
                let limits = try #require(SmallFile.read("/proc/\(task.pid)/limits"))
                let line = try #require(limits.split(separator: "\n").first { $0.hasPrefix("Max open files") })
                #expect(line.split(separator: " ").suffix(3) == ["300", "300", "files"])

                // A task that is over before its limits are set has run all the same.
                spec.arguments = ["/bin/true"]
                for number in 0..<4 {
                    spec.id = "brief-\(number)"
                    _ = try await machine.ctr.run(spec)
                }
            }
        }

        @Test func limitsThatCannotBeSet() async throws {
            try await Machine.with { machine in
                var settings = machine.ctr.settings
                settings.cgroupRoot = "/nonexistent"
                let ctr = Ctr(settings: settings, logger: Logger(label: "test"))
                var spec = machine.spec("unlimited")
                spec.pidsLimit = 50
                let error = await #expect(throws: ContainersError.self) { try await ctr.run(spec) }
                #expect(error?.code == .startFailed)
                #expect(error?.message.contains("could not be set: cannot open /nonexistent/") == true)
                let left = try await machine.ctr.list(namespace: Machine.namespace)
                #expect(left.isEmpty)
            }
        }

        @Test func aProfileOfItsOwn() async throws {
            try await Machine.with { machine in
                var spec = machine.spec("profile")
                spec.seccompProfile = try SeccompProfile(
                    json: """
                        {"defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_AARCH64"],
                         "syscalls": [{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 28},
                         {"names": ["kill"], "action": "SCMP_ACT_ERRNO",
                          "args": [{"index": 1, "value": 10, "op": "SCMP_CMP_EQ"}]}]}
                        """)
                _ = try await machine.ctr.run(spec)
                let made = try await exec(machine, "profile", "mkdir /tmp/x")
                #expect(made.text.contains("No space left"))
                // Signal 10 is refused, and 0 is not.
                #expect(try await exec(machine, "profile", "kill -0 $$").succeeded)
                #expect(try await exec(machine, "profile", "kill -10 $$").text.contains("not permitted"))
                let status = try await exec(machine, "profile", "grep Seccomp: /proc/self/status")
                #expect(status.text.hasSuffix("2\n"))
            }
        }
    }
}
