import Foundation
import TestSupport
import Testing

/// What functions may not do, tried from inside of one, and what annotations give back.
@Suite(.serialized) struct SandboxTests {
    private func deploy(
        _ daemon: Daemon, _ name: String, process: String, annotations: [String: String] = [:], more: String = ""
    ) async throws -> Curl.Answer {
        let pairs = String(decoding: try JSONEncoder().encode(annotations), as: UTF8.self)
        let body = """
            {"service":"\(name)","image":"docker.io/faasd/busybox:latest","envProcess":"\(process)",
             "annotations":\(pairs)\(more)}
            """
        return try await daemon.admin()("POST", "/system/functions", body: body)
    }

    @Test func theProcessIsConfined() async throws {
        try await Daemon.with { daemon in
            try await daemon.importImage("busybox")
            #expect(try await deploy(daemon, "status", process: "cat /proc/self/status").status == 202)
            let status = try await daemon.curl("GET", "/function/status").body
            for line in ["CapEff:\t0000000000000000", "CapBnd:\t0000000000000000", "NoNewPrivs:\t1", "Seccomp:\t2"] {
                #expect(status.contains(line), "\(line)")
            }
            #expect(try await deploy(daemon, "my_name", process: "hostname").status == 202)
            #expect(try await daemon.curl("GET", "/function/my_name").body == "my-name\n")
            #expect(try await deploy(daemon, "mount", process: "mount -t tmpfs x /tmp").status == 202)
            #expect(try await daemon.curl("GET", "/function/mount").status == 500)
            #expect(try await deploy(daemon, "sysctl", process: "tee /proc/sys/kernel/hostname").status == 202)
            #expect(try await daemon.curl("POST", "/function/sysctl", body: "x").status == 500)
        }
    }

    @Test func onlyTheGatewayCanBeReached() async throws {
        try await Daemon.with { daemon in
            try await daemon.importImage("busybox")
            let admin = try daemon.admin()
            #expect(try await deploy(daemon, "other", process: "cat").status == 202)
            let status = try await admin("GET", "/system/function/other").body
            let address = try #require(status.firstMatch(of: /"address":"([0-9.]+)"/)?.1)
            // Stands for any service of the host: the tests' containerd has none on TCP, the daemon's loopback does.
            let targets = ["http://\(address):8080/", "http://169.254.169.254/"]
            for (number, target) in targets.enumerated() {
                let name = "try\(number)"
                #expect(try await deploy(daemon, name, process: "wget -q -T 2 -O - \(target)").status == 202)
                #expect(try await daemon.curl("GET", "/function/\(name)").status == 500, "\(target)")
            }
            let port = daemon.curl.base.split(separator: ":").last ?? ""
            let health = "wget -q -O - http://gateway:\(port)/healthz"
            #expect(try await deploy(daemon, "health", process: health).status == 202)
            #expect(try await daemon.curl("GET", "/function/health").status == 200)
        }
    }

    @Test func annotationsGiveBackAndTakeAway() async throws {
        try await Daemon.with { daemon in
            try await daemon.importImage("busybox")
            let given = ["com.openfaas.sandbox.capabilities": "NET_BIND_SERVICE, chown"]
            #expect(
                try await deploy(daemon, "given", process: "cat /proc/self/status", annotations: given).status == 202)
            let status = try await daemon.curl("GET", "/function/given").body
            #expect(status.contains("CapBnd:\t0000000000000401"), "\(status)")

            // Everything but mkdir, and what is needed to start.
            let profile = """
                {"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["mkdir","mkdirat"],"action":"SCMP_ACT_ERRNO"}]}
                """
            let without = ["com.openfaas.sandbox.seccomp": profile]
            #expect(try await deploy(daemon, "mkdir", process: "mkdir /tmp/x", annotations: without).status == 202)
            #expect(try await daemon.curl("GET", "/function/mkdir").status == 500)

            let limited = ["com.openfaas.sandbox.pids": "16", "com.openfaas.sandbox.nofile": "77"]
            let limits = "cat /proc/self/limits"
            #expect(try await deploy(daemon, "limited", process: limits, annotations: limited).status == 202)
            let answer = try await daemon.curl("GET", "/function/limited").body
            #expect(answer.contains(/Max open files +77 +77/), "\(answer)")
        }
    }

    @Test func badAnnotationsAreRefused() async throws {
        try await Daemon.with { daemon in
            try await daemon.importImage("busybox")
            let unknown =
                #"{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["no_such_call"],"action":"SCMP_ACT_ERRNO"}]}"#
            let attempts: [(annotation: String, value: String, words: String)] = [
                ("com.openfaas.sandbox.capabilities", "SYS_ADMIN", "SYS_ADMIN"),
                ("com.openfaas.sandbox.seccomp", "{", "seccomp"),
                ("com.openfaas.sandbox.seccomp", unknown, "no_such_call"),
                ("com.openfaas.sandbox.metadata", "yes", "allow or deny"),
                ("com.openfaas.sandbox.pids", "0", "pids"),
                ("com.openfaas.sandbox.nofile", "many", "nofile"),
            ]
            for (annotation, value, words) in attempts {
                let answer = try await deploy(daemon, "f", process: "cat", annotations: [annotation: value])
                #expect(answer.status == 400 && answer.body.contains(words), "\(annotation): \(answer.body)")
            }
        }
    }

    @Test func resourcesAreAppliedAndReadOnlyIsObeyed() async throws {
        try await Daemon.with { daemon in
            try await daemon.importImage("busybox")
            let more = """
                ,"limits":{"memory":"5Mi","cpu":"100m"},"requests":{"memory":"4Mi","cpu":"50m"},
                "readOnlyRootFilesystem":true
                """
            #expect(try await deploy(daemon, "root", process: "touch /no", more: more).status == 202)
            #expect(try await daemon.curl("GET", "/function/root").status == 500)
            #expect(try await deploy(daemon, "f", process: "touch /tmp/yes", more: more).status == 202)
            #expect(try await daemon.curl("GET", "/function/f").status == 200)
            let status = try await daemon.admin()("GET", "/system/function/f").body
            #expect(status.contains(#""limits":{"cpu":"100m","memory":"5Mi"}"#), "\(status)")
            let pid = try #require(
                try await daemon.ctr("tasks", "ls").split(separator: "\n").last?.split(separator: " ")[1])
            let groups = try String(contentsOfFile: "/proc/\(pid)/cgroup", encoding: .utf8)
            let shares = groups.split(separator: "\n").first {
                $0.contains(":cpu,") || $0.contains(",cpu:") || $0.contains(":cpu:")
            }
            if let path = shares?.split(separator: ":").last {
                let file = "/sys/fs/cgroup/cpu\(path)/cpu.shares"
                #expect(try String(contentsOfFile: file, encoding: .utf8) == "51\n")
            }
        }
    }
}
