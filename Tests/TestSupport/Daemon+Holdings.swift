import Foundation

/// All that an instance holds on the machine at one moment, to be compared with that of another.
public struct Holdings: Sendable {
    /// One thing each: its kind, a space, and its name.
    let things: Set<String>

    /// What is here and was not there before, sorted.
    public func beyond(_ earlier: Holdings) -> [String] { things.subtracting(earlier.things).sorted() }

    /// The number of things of each kind.
    public var counts: String {
        Dictionary(grouping: things) { $0.split(separator: " ").first ?? "" }
            .sorted { $0.key < $1.key }.map { "\($0.value.count) \($0.key)" }.joined(separator: ", ")
    }
}

extension Daemon {
    /// Not containerd's leases: `ctr` makes one for each call, and one of a call that was killed ends by itself.
    ///
    /// Network namespaces, links, rules, address leases, containers, tasks, snapshots, control groups, shims, their
    /// sockets and pipes, and every file of the daemon's own directories.
    public nonisolated func holdings() async throws -> Holdings {
        var things = try await leftovers()
        let links = try await Shell.must("ip", ["-o", "link", "show"])
        things += links.split(separator: "\n").compactMap { line in
            line.split(separator: " ").dropFirst().first.map { "link \($0.prefix { $0 != "@" && $0 != ":" })" }
        }
        let chains = try await Shell.must("iptables-save", [])
        things += chains.split(separator: "\n").filter { $0.hasPrefix(":CNI-") }
            .map { "chain \($0.prefix { $0 != " " })" }
        for (kind, arguments) in [
            ("task", ["tasks", "ls", "-q"]), ("snapshot", ["snapshots", "ls"]),
        ] {
            things += try await names(arguments).map { "\(kind) \($0)" }
        }
        things += directories.flatMap { kind, directory in
            let names = FileManager.default.enumerator(atPath: directory)?.compactMap { $0 as? String } ?? []
            return names.map { "\(kind) \(directory)/\($0)" }
        }
        return Holdings(things: Set(things))
    }

    /// Waits until the instance holds no more than before.
    ///
    /// - Parameter limit: what was being made when the daemon was killed is found at the next look at everything.
    public nonisolated func returns(to baseline: Holdings, within limit: Duration = .seconds(45)) async throws {
        var left: [String] = []
        do {
            try await eventually("only what was there before is left", within: limit) {
                left = try await holdings().beyond(baseline)
                return left.isEmpty
            }
        } catch {
            throw TestFailure("left over, \(left.count):\n" + left.joined(separator: "\n"))
        }
    }

    private nonisolated func names(_ arguments: [String]) async throws -> [String] {
        let namespace = namespacePrefix + "openfaas-fn"
        let list = try await Shell.must(
            "ctr", ["--address", environment.containerd, "--namespace", namespace] + arguments)
        return list.split(separator: "\n").compactMap { $0.split(separator: " ").first.map(String.init) }
    }

    /// Where files of functions can be left, each with what they are.
    private nonisolated var directories: [(kind: String, directory: String)] {
        let namespace = namespacePrefix + "openfaas-fn"
        let containerd = (environment.containerd as NSString).deletingLastPathComponent
        var found = [
            ("file", directory + "/run"), ("file", directory + "/data"),
            ("bundle", "\(containerd)/state/io.containerd.runtime.v2.task/\(namespace)"),
            ("bundle", "\(containerd)/root/io.containerd.runtime.v2.task/\(namespace)"),
            ("runc", "/run/containerd/runc/\(namespace)"), ("socket", "/run/containerd/s"),
            ("pipe", "/run/containerd/fifo"),
        ]
        let controllers = (try? FileManager.default.contentsOfDirectory(atPath: "/sys/fs/cgroup")) ?? []
        found += (controllers + ["."]).map { ("cgroup", "/sys/fs/cgroup/\($0)/\(namespace)") }
        return found.filter { FileManager.default.fileExists(atPath: $0.1) }
    }
}
