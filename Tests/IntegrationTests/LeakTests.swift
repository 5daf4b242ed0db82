import Foundation
import OpenFaaSAPI
import TestSupport
import Testing

/// What was deployed, in whatever way it went, leaves nothing when it is deleted.
struct LeakTests {
    @Test func deploymentsLeaveNothing() async throws {
        let rounds = try Repetitions.count("FAASD_TEST_DEPLOYS", short: 20)
        try await Daemon.with(arguments: ["--resync-interval", "3s"]) { daemon in
            try await daemon.importImage("busybox")
            let secret = #"{"name":"s","value":"x"}"#
            #expect(try await daemon.admin()("POST", "/system/secrets", body: secret).status == 201)
            // Each once, for what stays: the bridge, chains, the image's own snapshots, open files of the database.
            for course in Course.allCases { try await course.run(on: daemon, name: "warm") }
            let process = try #require(await daemon.processIdentifier)
            let (before, baseline) = (try ProcessSize(process), try await daemon.holdings())
            for round in 1...rounds {
                let course = Course.allCases[round % Course.allCases.count]
                try await course.run(on: daemon, name: "f\(round % 3)")
            }
            try await daemon.returns(to: baseline)
            try await eventually("no descriptor is left open", within: .seconds(45)) {
                try ProcessSize(process).descriptors <= before.descriptors
            }
            let after = try ProcessSize(process)
            #expect(after.residentMiB < 2 * before.residentMiB + 32)
            Repetitions.report("\(rounds) deployments and deletions, 0 left over of \(baseline.counts)")
            Repetitions.report("the daemon before: \(before); after: \(after)")
        }
    }
}

/// A way that a deployment can go, from nothing to nothing.
private enum Course: CaseIterable {
    case plain
    case noSuchImage
    case endsAtOnce
    case updated
    case updateFails
    case threeReplicas
    case scaledToZero
    case killed
    case deletedAmidStart

    private static func body(_ name: String, _ rest: String) -> String {
        #"{"service":"\#(name)","image":"docker.io/faasd/busybox:latest","secrets":["s"],\#(rest)}"#
    }

    func run(on daemon: Daemon, name: String) async throws {
        let admin = try daemon.admin()
        func ask(_ method: String, _ path: String, _ body: String, _ status: Int) async throws {
            let answer = try await admin(method, path, body: body)
            guard answer.status == status else {
                throw TestFailure("\(self): \(method) \(body): \(answer.status) \(answer.body)")
            }
        }
        func scale(_ replicas: Int) async throws {
            try await ask("POST", "/system/scale-function/\(name)", #"{"replicas":\#(replicas)}"#, 202)
            try await eventually("\(replicas) replicas serve") {
                let answer = try await admin("GET", "/system/function/\(name)")
                let status = try JSONDecoder().decode(FunctionStatus.self, from: Data(answer.body.utf8))
                return Int(status.availableReplicas) == replicas
            }
        }
        func call() async throws {
            let answer = try await daemon.curl("POST", "/function/\(name)", body: "\(self)")
            guard answer.status == 200, answer.body == "\(self)" else {
                throw TestFailure("\(self): a call: \(answer.status) \(answer.body)")
            }
        }
        let functions = "/system/functions"
        let good = Self.body(name, #""envProcess":"cat""#)
        let endsAtOnce = Self.body(name, #""annotations":{"com.openfaas.watchdog":"image"}"#)
        let noSuchImage = #"{"service":"\#(name)","image":"127.0.0.1:1/no/such:image"}"#
        switch self {
        case .noSuchImage: return try await ask("POST", functions, noSuchImage, 400)
        case .endsAtOnce: return try await ask("POST", functions, endsAtOnce, 400)
        default: try await ask("POST", functions, good, 202)
        }
        if self != .deletedAmidStart { try await call() }
        switch self {
        case .updated:
            try await ask("PUT", functions, Self.body(name, #""envProcess":"cat -""#), 202)
            try await call()
        case .updateFails:
            try await ask("PUT", functions, endsAtOnce, 400)
            try await ask("PUT", functions, noSuchImage, 400)
            try await call()
        case .threeReplicas: try await scale(3)
        case .scaledToZero: try await scale(0)
        case .killed:
            let id = try await daemon.ctr("tasks", "ls", "-q").split(separator: "\n").first { $0.hasPrefix(name) }
            try await daemon.ctr("tasks", "kill", "--signal", "SIGKILL", String(id ?? ""))
            try await eventually("it answers again") {
                try await daemon.curl("POST", "/function/\(name)", body: "x").body == "x"
            }
        case .deletedAmidStart:
            try await ask("POST", "/system/scale-function/\(name)", #"{"replicas":3}"#, 202)
        case .plain, .noSuchImage, .endsAtOnce: break
        }
        try await ask("DELETE", functions, #"{"functionName":"\#(name)"}"#, 202)
    }
}

/// What the kernel counts for a process.
private struct ProcessSize: CustomStringConvertible {
    let descriptors: Int
    let residentMiB: Int

    init(_ process: Int32) throws {
        descriptors = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/fd").count
        let status = try String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
        residentMiB = (line?.split(separator: " ").compactMap { Int($0) }.first ?? 0) >> 10
    }

    var description: String { "\(descriptors) descriptors, \(residentMiB) MiB resident" }
}
