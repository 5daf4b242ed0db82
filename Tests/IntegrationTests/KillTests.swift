import Foundation
import OpenFaaSAPI
import TestSupport
import Testing

/// The daemon is killed at any moment, and keeps every promise that it made.
struct KillTests {
    private static let workers = 3

    @Test func whatWasAnsweredOutlivesTheDaemon() async throws {
        let kills = try Repetitions.count("FAASD_TEST_KILLS", short: 8)
        var random = try SeededGenerator()
        print("FAASD_TEST_SEED=\(random.seed)")
        try await Daemon.with(arguments: ["--resync-interval", "3s"]) { daemon in
            try await daemon.importImage("busybox")
            let baseline = try await warmUp(daemon)
            var workers: [Worker] = []
            for number in 0..<Self.workers {
                let worker = Worker(number, of: daemon, random: SeededGenerator(seed: random.next()))
                try await worker.begin()
                workers.append(worker)
            }
            for kill in 1...kills {
                try await killAmidOperations(daemon, workers, &random)
                let differences = try await check(daemon, workers)
                try #require(differences == [], "after kill \(kill)")
            }
            var operations = 0
            for worker in workers {
                operations += await worker.answered
                try await worker.removeAll()
            }
            try await daemon.returns(to: baseline)
            Repetitions.report("\(kills) kills, \(operations) answered operations, 0 lost, 0 half done, 0 left over")
        }
    }

    /// Makes what stays when all functions are gone: the bridge, chains, the image's own snapshots.
    private func warmUp(_ daemon: Daemon) async throws -> Holdings {
        let worker = Worker(Self.workers, of: daemon, random: SeededGenerator(seed: 0))
        try await worker.begin()
        try await worker.perform(.deploy("warm", version: 1))
        try await worker.perform(.delete("warm"))
        try await worker.removeAll()
        return try await daemon.holdings()
    }

    private func killAmidOperations(
        _ daemon: Daemon, _ workers: [Worker], _ random: inout SeededGenerator
    ) async throws {
        let moment = Duration.milliseconds(Int.random(in: 0...4000, using: &random))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for worker in workers { group.addTask { try await worker.operateUntilInterrupted() } }
            // Not a wait for something: the moment is what the test is about.
            try await Task.sleep(for: moment)
            // What it had called goes on, as under systemd.
            try await daemon.end(signal: SIGKILL)
            try await group.waitForAll()
        }
        try await daemon.start()
    }

    private func check(_ daemon: Daemon, _ workers: [Worker]) async throws -> [String] {
        let admin = try daemon.admin()
        let answer = try await admin("GET", "/system/functions")
        let list = try JSONDecoder().decode([FunctionStatus].self, from: Data(answer.body.utf8))
        var differences: [String] = []
        for worker in workers { differences += try await worker.differences(from: list) }
        return differences
    }
}

/// Changes functions and secrets of its own, one operation after another.
private actor Worker {
    private(set) var answered = 0
    private let daemon: Daemon
    private var model: KillModel
    private var random: SeededGenerator

    init(_ number: Int, of daemon: Daemon, random: SeededGenerator) {
        self.daemon = daemon
        self.random = random
        model = KillModel(worker: number)
    }

    /// Makes the secret that the functions read.
    func begin() async throws { try await perform(.createSecret(model.secret, value: KillModel.value(0))) }

    /// Does something that must succeed.
    func perform(_ operation: KillModel.Operation) async throws {
        guard try await attempt(operation) else { throw TestFailure("\(operation) was not answered") }
        model.done(operation)
    }

    func operateUntilInterrupted() async throws {
        while true {
            let operation = model.next(&random)
            guard try await attempt(operation) else {
                model.interrupted(operation)
                return
            }
            model.done(operation)
            answered += 1
        }
    }

    /// - Returns: `false` when there was no answer.
    private func attempt(_ operation: KillModel.Operation) async throws -> Bool {
        let request = operation.request(secret: model.secret)
        let answer = try await daemon.admin()(request.method, request.path, body: request.body)
        guard answer.status != 0 else { return false }
        guard (200...299).contains(answer.status) else {
            throw TestFailure("\(operation): \(answer.status) \(answer.body)")
        }
        return true
    }

    /// Compares the desired state with what was answered, and then the answers of the functions with the desired state.
    func differences(from list: [FunctionStatus]) async throws -> [String] {
        var functions: [String: KillModel.Function] = [:]
        for status in list {
            let version = status.envVars?["VERSION"].flatMap { Int($0) } ?? -1
            functions[status.name] = KillModel.Function(version: version, replicas: Int(status.replicas))
        }
        var differences = model.differences(from: functions, try secrets())
        for (name, function) in model.functions {
            let answer = try await daemon.curl("GET", "/function/\(name)")
            let secret = model.secrets[model.secret] ?? "none"
            // The first variable of the environment follows the secret at once.
            let variables = answer.body.split(separator: "\0")
            let isRight = answer.body.hasPrefix(secret) && variables.contains("VERSION=\(function.version)")
            if answer.status != 200 || !isRight {
                differences.append("\(name), \(function), \(secret) answers \(answer.status): \(answer.body)")
            }
            model.called(name)
        }
        return differences
    }

    /// The values as they are kept; the API does not tell them.
    private func secrets() throws -> [String: String] {
        var found: [String: String] = [:]
        let folder = daemon.directory + "/data/secrets/openfaas-fn"
        for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
            found[name] = try String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)
        }
        return found
    }

    /// Deletes all that is there.
    func removeAll() async throws {
        for name in model.functions.keys { try await perform(.delete(name)) }
        for name in model.secrets.keys { try await perform(.deleteSecret(name)) }
    }
}
