import Foundation
import OpenFaaSAPI
import TestSupport
import Testing

/// A function that is taken to rest, and looked at from outside of the daemon.
struct RestingFunction {
    let daemon: Daemon
    let name: String

    /// Deploys it.
    ///
    /// - Parameter fields: more of the deployment.
    init(
        on daemon: Daemon, name: String = "f", process: String = "cat", _ fields: String = #""constraints":[]"#
    ) async throws {
        self.daemon = daemon
        self.name = name
        try await deploy("POST", process: process, fields)
    }

    func deploy(_ method: String, process: String = "cat", _ fields: String = #""constraints":[]"#) async throws {
        let body = """
            {"service":"\(name)","image":"docker.io/faasd/busybox:latest","envProcess":"\(process)",\(fields)}
            """
        let answer = try await daemon.admin()(method, "/system/functions", body: body)
        #expect(answer.status == 202, "\(answer.body)")
    }

    func scale(to count: Int) async throws {
        let answer = try await daemon.admin()(
            "POST", "/system/scale-function/\(name)", body: #"{"serviceName":"\#(name)","replicas":\#(count)}"#)
        #expect(answer.status == 202, "\(answer.body)")
    }

    func delete() async throws {
        let answer = try await daemon.admin()("DELETE", "/system/functions", body: #"{"functionName":"\#(name)"}"#)
        #expect(answer.status == 202, "\(answer.body)")
    }

    var status: FunctionStatus {
        get async throws {
            let answer = try await daemon.admin()("GET", "/system/function/\(name)")
            return try JSONDecoder().decode(FunctionStatus.self, from: Data(answer.body.utf8))
        }
    }

    /// The ids of the replicas in a state, the oldest first.
    func replicas(_ state: FunctionInstance.State) async throws -> [String] {
        try await status.instances?.filter { $0.state == state }.map(\.name) ?? []
    }

    /// Scales it to zero and waits until the kernel has frozen all of it.
    ///
    /// - Returns: the ids of the frozen replicas.
    @discardableResult
    func freeze() async throws -> [String] {
        try await scale(to: 0)
        return try await frozen()
    }

    /// Waits until no replica serves and the kernel has frozen all.
    func frozen() async throws -> [String] {
        var ids: [String] = []
        try await eventually("all replicas of \(name) are frozen") {
            guard let instances = try await status.instances, !instances.isEmpty else { return false }
            ids = instances.map(\.name)
            return instances.allSatisfy { $0.state == .frozen } && ids.allSatisfy { freezerState($0) == "FROZEN" }
        }
        return ids
    }

    func call(_ body: String = "hello") async throws -> Curl.Answer {
        try await daemon.curl("POST", "/function/\(name)", body: body)
    }

    /// What the kernel says of a replica; `nil` when it is gone.
    func freezerState(_ id: String) -> String? {
        if let events = read("unified", id, "cgroup.events") ?? read("", id, "cgroup.events"),
            read("freezer", id, "freezer.state") == nil
        {
            return events.contains("frozen 1") ? "FROZEN" : "THAWED"
        }
        return read("freezer", id, "freezer.state")
    }

    /// The processor time that a replica has used, in nanoseconds or microseconds.
    func processorTime(_ id: String) -> String? {
        read("cpuacct", id, "cpuacct.usage")
            ?? read("", id, "cpu.stat")?.split(separator: "\n").first.map(String.init)
    }

    /// Writes the kernel's switch behind the daemon's back.
    func setFreezer(_ id: String, frozen: Bool) throws {
        let one = path("freezer", id, "freezer.state")
        let isFirst = FileManager.default.fileExists(atPath: one)
        let value = isFirst ? (frozen ? "FROZEN" : "THAWED") : (frozen ? "1" : "0")
        try value.write(toFile: isFirst ? one : path("", id, "cgroup.freeze"), atomically: false, encoding: .utf8)
    }

    /// The host's number of a replica's first process.
    func process(_ id: String) async throws -> Int32 {
        let rows = try await daemon.ctr("tasks", "ls").split(separator: "\n").map { $0.split(separator: " ") }
        let pid = rows.first { $0.first.map(String.init) == id }?.dropFirst().first.flatMap { Int32($0) }
        return try #require(pid)
    }

    private func path(_ controller: String, _ id: String, _ file: String) -> String {
        "/sys/fs/cgroup/\(controller)/\(daemon.namespacePrefix)openfaas-fn/\(id)/\(file)"
    }

    private func read(_ controller: String, _ id: String, _ file: String) -> String? {
        (try? String(contentsOfFile: path(controller, id, file), encoding: .utf8))?
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
