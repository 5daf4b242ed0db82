import TestSupport

/// What one worker of ``KillTests`` knows of its functions and secrets: a value, without I/O.
///
/// Only the worker changes them, one operation at a time, so all but the subject of an unanswered operation is known.
struct KillModel: Sendable {
    /// A function that was accepted.
    struct Function: Hashable, Sendable {
        var version: Int
        var replicas: Int
    }

    /// One change over the API.
    enum Operation: Hashable, Sendable {
        case deploy(String, version: Int)
        case update(String, version: Int)
        case scale(String, to: Int)
        case delete(String)
        case createSecret(String, value: String)
        case updateSecret(String, value: String)
        case deleteSecret(String)
    }

    /// The most replicas of a function.
    static let replicaLimit = 3

    /// The names of the functions; all of them read the worker's secret.
    let names: [String]
    /// A secret that all the worker's functions read.
    let secret: String
    /// A secret that no function reads.
    let loose: String
    private(set) var functions: [String: Function] = [:]
    private(set) var secrets: [String: String]
    /// The operation that was not answered, if any; it is done or not done.
    private(set) var unanswered: Operation?
    /// The functions that a call woke: the call is answered before it is on disk that they are awake.
    private var woken: Set<String> = []
    private var lastNumber = 0

    /// - Parameter worker: a number that no other has.
    init(worker: Int) {
        names = ["first", "second"].map { "w\(worker)-\($0)" }
        secret = "w\(worker)-read"
        loose = "w\(worker)-loose"
        secrets = [:]
    }

    /// Chooses an operation that must succeed.
    mutating func next(_ random: inout SeededGenerator) -> Operation {
        lastNumber += 1
        if Int.random(in: 0..<5, using: &random) == 0 { return nextOfSecret(&random) }
        let name = names[Int.random(in: 0..<names.count, using: &random)]
        guard functions[name] != nil else { return .deploy(name, version: lastNumber) }
        return switch Int.random(in: 0..<6, using: &random) {
        case 0, 1, 2: .update(name, version: lastNumber)
        case 3: .delete(name)
        default: .scale(name, to: .random(in: 0...Self.replicaLimit, using: &random))
        }
    }

    private func nextOfSecret(_ random: inout SeededGenerator) -> Operation {
        if Bool.random(using: &random) { return .updateSecret(secret, value: Self.value(lastNumber)) }
        guard secrets[loose] != nil else { return .createSecret(loose, value: Self.value(lastNumber)) }
        return Bool.random(using: &random) ? .deleteSecret(loose) : .updateSecret(loose, value: Self.value(lastNumber))
    }

    /// The operation was answered with success.
    mutating func done(_ operation: Operation) {
        if let name = operation.function { woken.remove(name) }
        switch operation {
        case .deploy(let name, let version), .update(let name, let version):
            functions[name] = Function(version: version, replicas: 1)
        case .scale(let name, let replicas): functions[name]?.replicas = replicas
        case .delete(let name): functions[name] = nil
        case .createSecret(let name, let value), .updateSecret(let name, let value): secrets[name] = value
        case .deleteSecret(let name): secrets[name] = nil
        }
    }

    /// The daemon was killed before it answered.
    mutating func interrupted(_ operation: Operation) { unanswered = operation }

    /// Compares with what is there, and takes what is there for known from now on.
    ///
    /// - Returns: what differs, a sentence each.
    mutating func differences(from functions: [String: Function], _ secrets: [String: String]) -> [String] {
        var after = self
        if let unanswered { after.done(unanswered) }
        var differences: [String] = []
        for name in names {
            let there = functions[name]
            var allowed = [self.functions[name], after.functions[name]]
            if woken.contains(name), var asleep = self.functions[name] {
                asleep.replicas = 0
                allowed.append(asleep)
            }
            if !allowed.contains(there) { differences.append("\(name) is \(Self.text(there)), not one of \(allowed)") }
        }
        for name in [secret, loose] {
            let (there, allowed) = (secrets[name], [self.secrets[name], after.secrets[name]])
            if !allowed.contains(there) { differences.append("secret \(name) is \(there ?? "absent"): \(allowed)") }
        }
        if !differences.isEmpty { differences.append("not answered: \(unanswered.map { "\($0)" } ?? "nothing")") }
        unanswered = nil
        woken = []
        self.functions = functions.filter { names.contains($0.key) }
        self.secrets = secrets.filter { [secret, loose].contains($0.key) }
        return differences
    }

    /// A call brings back a function without replicas.
    mutating func called(_ name: String) {
        guard functions[name]?.replicas == 0 else { return }
        functions[name]?.replicas = 1
        woken.insert(name)
    }

    /// With an end, so that no value is the beginning of another.
    static func value(_ number: Int) -> String { "value \(number);" }

    private static func text(_ function: Function?) -> String { function.map { "\($0)" } ?? "absent" }
}

extension KillModel.Operation {
    /// The request: method, path and body.
    func request(secret: String) -> (method: String, path: String, body: String) {
        switch self {
        case .deploy(let name, let version):
            ("POST", "/system/functions", Self.deployment(name, version, secret))
        case .update(let name, let version):
            ("PUT", "/system/functions", Self.deployment(name, version, secret))
        case .scale(let name, let replicas):
            ("POST", "/system/scale-function/\(name)", #"{"serviceName":"\#(name)","replicas":\#(replicas)}"#)
        case .delete(let name): ("DELETE", "/system/functions", #"{"functionName":"\#(name)"}"#)
        case .createSecret(let name, let value):
            ("POST", "/system/secrets", #"{"name":"\#(name)","value":"\#(value)"}"#)
        case .updateSecret(let name, let value):
            ("PUT", "/system/secrets", #"{"name":"\#(name)","value":"\#(value)"}"#)
        case .deleteSecret(let name): ("DELETE", "/system/secrets", #"{"name":"\#(name)"}"#)
        }
    }

    /// The function that it is about.
    fileprivate var function: String? {
        switch self {
        case .deploy(let name, _), .update(let name, _), .scale(let name, _), .delete(let name): name
        case .createSecret, .updateSecret, .deleteSecret: nil
        }
    }

    /// A function that answers with its secret and its environment.
    private static func deployment(_ name: String, _ version: Int, _ secret: String) -> String {
        """
        {"service":"\(name)","image":"docker.io/faasd/busybox:latest","secrets":["\(secret)"],
         "envProcess":"cat /var/openfaas/secrets/\(secret) /proc/self/environ",
         "envVars":{"VERSION":"\(version)"}}
        """
    }
}
