import Testing

@testable import Containers

@Suite struct ContainerSpecCheckTests {
    private static let good = ContainerSpec(id: "a", namespace: "n", image: "docker.io/library/x:1")

    @Test func aGoodOne() throws {
        try Self.good.check()
        var spec = Self.good
        spec.hostname = "figlet-1.openfaas-fn"
        spec.pidsLimit = 1
        spec.openFilesLimit = 1024
        try spec.check()
    }

    @Test(
        arguments: [
            { $0.image = "--rm" }, { $0.image = "a b" }, { $0.image = "" }, { $0.arguments = [] },
            { $0.arguments = [""] },
            { $0.arguments = ["a\0b"] }, { $0.arguments = [String(repeating: "x", count: 1 << 18)] },
            { $0.environment = [.init("", "x")] }, { $0.environment = [.init("A=B", "x")] },
            { $0.environment = [.init("A B", "x")] }, { $0.environment = [.init("A\n", "x")] },
            { $0.environment = [.init("A", "x\0")] },
            { $0.environment = [.init("A", String(repeating: "x", count: 131_072))] },
            { $0.mounts = [Mount(.bind("relative"), at: "/x")] }, { $0.mounts = [Mount(.bind("/a/../b"), at: "/x")] },
            { $0.mounts = [Mount(.bind("/a"), at: "x")] }, { $0.mounts = [Mount(.bind("/a\n"), at: "/x")] },
            { $0.mounts = [Mount(.tmpfs(sizeBytes: 0), at: "/x")] }, { $0.labels = ["": "x"] },
            { $0.labels = ["a=b": "x"] }, { $0.labels = ["a": "x\ny"] },
            { $0.labels = ["a": String(repeating: "x", count: 4096)] }, { $0.networkNamespacePath = "netns" },
            { $0.networkNamespacePath = "/run/netns/a:b" }, { $0.memoryLimitBytes = 1024 },
            { $0.memoryLimitBytes = -1 },
            { $0.cpus = 0 }, { $0.cpus = -1 }, { $0.cpus = .nan }, { $0.cpus = .infinity },
            { $0.addCapabilities = ["SYS_ADMIN"] }, { $0.addCapabilities = ["CAP_X --privileged"] },
            { $0.workingDirectory = "tmp" }, { $0.hostname = "" }, { $0.hostname = "-a" }, { $0.hostname = "a..b" },
            { $0.hostname = "a b" }, { $0.hostname = "a-" }, { $0.hostname = String(repeating: "a", count: 64) },
            { $0.hostname = "é" }, { $0.pidsLimit = 0 }, { $0.pidsLimit = -1 }, { $0.pidsLimit = 1 << 23 },
            { $0.openFilesLimit = 0 }, { $0.openFilesLimit = 1 << 21 },
            {
                $0.seccomp = false
                $0.seccompProfile = try? SeccompProfile(json: #"{"defaultAction":"SCMP_ACT_ALLOW"}"#)
            },
        ] as [@Sendable (inout ContainerSpec) -> Void])
    func aBadOne(change: @Sendable (inout ContainerSpec) -> Void) {
        var spec = Self.good
        change(&spec)
        let error = #expect(throws: ContainersError.self) { try spec.check() }
        #expect(error?.code == .invalidArgument)
    }
}
