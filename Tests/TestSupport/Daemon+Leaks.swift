import Foundation

extension Daemon {
    /// Everything of this instance that is on the machine: containers, network namespaces, bridge, rules,
    /// mounts and processes.
    public nonisolated func leftovers() async throws -> [String] {
        var found: [String] = []
        let containers = try await Shell.run(
            "ctr",
            ["--address", environment.containerd, "-n", namespacePrefix + "openfaas-fn", "containers", "ls", "-q"])
        found += containers.output.split(separator: "\n").map { "container \($0)" }
        let namespaces = try await Shell.must("ip", ["netns", "list"])
        found += namespaces.split(separator: "\n").filter { $0.hasPrefix(bridge + "-") }.map { "netns \($0)" }
        let links = try await Shell.must("ip", ["-o", "link", "show"])
        found += links.split(separator: "\n").filter { $0.contains(": \(bridge):") }.map { _ in "link \(bridge)" }
        let rules = try await Shell.must("iptables-save", [])
        // The plugins name the network in some rules, and only an address of it in others.
        let addresses = " " + subnet.split(separator: ".").dropLast().joined(separator: ".") + "."
        found += rules.split(separator: "\n").filter { $0.contains(bridge) || $0.contains(addresses) }
            .map { "rule \($0)" }
        let mounts = try String(contentsOfFile: "/proc/self/mountinfo", encoding: .utf8)
        found += mounts.split(separator: "\n").filter { $0.contains(directory) || $0.contains("/netns/\(bridge)-") }
            .map { "mount \($0)" }
        found += processes().map { "process \($0)" }
        if FileManager.default.fileExists(atPath: directory) { found.append("directory \(directory)") }
        return found
    }

    /// The command lines that name this instance.
    private nonisolated func processes() -> [String] {
        let identifiers = (try? FileManager.default.contentsOfDirectory(atPath: "/proc"))?.compactMap(Int32.init) ?? []
        return identifiers.compactMap { identifier in
            guard let data = FileManager.default.contents(atPath: "/proc/\(identifier)/cmdline") else { return nil }
            let line = String(decoding: data.map { $0 == 0 ? 32 : $0 }, as: UTF8.self)
            return line.contains(namespacePrefix + "openfaas-fn") || line.contains(directory) ? line : nil
        }
    }

    func checkNothingIsLeft() async throws {
        // A shim takes a moment to end after its container is gone.
        var left: [String] = []
        for _ in 1...50 {
            left = try await leftovers()
            if left.isEmpty { return }
            try await Task.sleep(for: .milliseconds(100))
        }
        throw TestFailure("left behind:\n" + left.joined(separator: "\n"))
    }
}
