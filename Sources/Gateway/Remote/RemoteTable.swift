import OpenFaaSAPI
import Proxy

/// What is known of a provider's functions, put together from answers that may overtake each other.
///
/// A pure value: an answer counts by when it was asked for, so that a list which was asked for before a deployment
/// does not hide the function that came since.
struct RemoteTable {
    /// One function of the provider.
    struct Function: Equatable {
        /// Whether it can be called now.
        let isAvailable: Bool
        /// How long it may be silent in a call, where it says so.
        var timeout: Duration?
    }

    /// One question; a later one has the higher number.
    struct Reading: Equatable {
        fileprivate let number: UInt64
    }

    /// Grows with every change.
    private(set) var version: UInt64 = 1
    /// Where the provider listens, in numbers; until it is known all calls wait.
    private(set) var address: String?
    private(set) var functions: [FunctionName: Function] = [:]
    /// The question whose answer told of a function, or that it is gone.
    private var toldBy: [FunctionName: UInt64] = [:]
    private var readings: UInt64 = 0

    /// A question is about to be asked.
    mutating func begin() -> Reading {
        readings += 1
        return Reading(number: readings)
    }

    /// All functions of all namespaces were told.
    mutating func adopt(_ listed: [FunctionName: Function], of reading: Reading) {
        for name in Set(functions.keys).union(listed.keys) { set(listed[name], for: name, of: reading) }
        // Whoever asked before this list is the only one that could bring back what is gone, and seldom comes so late.
        toldBy = toldBy.filter { functions[$0.key] != nil || $0.value >= reading.number }
    }

    /// One function was told of; `nil` that it is not there.
    mutating func adopt(_ function: Function?, for name: FunctionName, of reading: Reading) {
        set(function, for: name, of: reading)
    }

    /// The provider's name has led somewhere else.
    mutating func move(to address: String) {
        guard self.address != address else { return }
        self.address = address
        version += 1
    }

    private mutating func set(_ function: Function?, for name: FunctionName, of reading: Reading) {
        guard (toldBy[name] ?? 0) <= reading.number else { return }
        toldBy[name] = reading.number
        guard functions[name] != function else { return }
        functions[name] = function
        version += 1
    }

    /// The routes to a provider: each call goes to the provider itself, under the function's path there.
    func routes(to provider: ProviderAddress) -> [FunctionName: Route] {
        let endpoint = address.map {
            ReplicaEndpoint(id: "provider \(provider)", address: .tcp(host: $0, port: provider.port))
        }
        return Dictionary(
            uniqueKeysWithValues: functions.map { name, function in
                let state: Route.State = if function.isAvailable, let endpoint { .ready([endpoint]) } else { .waiting }
                return (
                    name,
                    Route(
                        name: name, state: state, timeout: function.timeout,
                        pathPrefix: "\(provider.basePath)/function/\(name)")
                )
            })
    }
}

/// How long to wait before a provider is asked for its functions again.
struct PollPause {
    private static let shortest = Duration.seconds(2)
    private static let longest = Duration.seconds(30)

    /// The pause as it is now.
    private(set) var length = Self.shortest

    /// The provider answered.
    mutating func answered() {
        length = Self.shortest
    }

    /// It did not: each time the pause doubles.
    mutating func failed() {
        length = min(length * 2, Self.longest)
    }
}
