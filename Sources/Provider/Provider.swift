import Containers
public import Logging
import OpenFaaSAPI

/// What functions there should be, and that there are.
///
/// The provider keeps a promise for every deployment it accepts: the database remembers it, and the reconciler
/// makes containerd agree with it, at start, after a crash of a function, and after somebody used `ctr` by hand.
///
/// Work on one function is done one piece at a time, in its lane; different functions go side by side. A piece
/// of work that was begun is finished even when the client who asked for it goes away.
public actor Provider {
    /// How long a new function's deployment waits for its first replica to serve or to fail. A slower one is
    /// accepted and watched further.
    static let trialTime = Duration.seconds(3)
    /// How long a replica of the accepted deployment that is taken over may take to show that it serves, before calls
    /// go to one of an older deployment.
    static let claimTime = Duration.seconds(1)
    /// How long calls under way to a replica may go on before it is stopped.
    static let drainTime = Duration.seconds(10)

    let store: Store
    let maker: ReplicaMaker
    let sink: any ReplicaSink
    let logger: Logger

    var functions: [FunctionName: FunctionState] = [:]
    var namespaceRecords: [String: NamespaceRecord] = [:]
    private var lanes = Lanes<Lane>()
    private var snapshotVersion: UInt64 = 0
    private var isPrepared = false
    /// Functions that a call may go on with at once.
    nonisolated let sleepers = Sleepers()
    /// The functions whose wake time is being measured.
    var waking: Set<FunctionName> = []
    var meter = UsageMeter()
    /// What a function at rest goes through.
    var ladder: IdleLadder
    let reclaimer = MemoryReclaimer()
    /// Why containerd does not answer, while that is so.
    var runtimeTrouble: String?
    /// The last deployments that were refused, the oldest first.
    var refusals: [(function: FunctionName, event: FunctionEvent)] = []
    var networkWatch = NetworkWatch()
    /// Whether a look at the network is arranged, beside those of every resync.
    var looksAtNetworkSoon = false
    /// What was asked for or must be done: ends by itself.
    let work = WorkQueue()
    /// What waits for a time or an event, which need not come: cancelled when the provider shuts down.
    let watches = WorkQueue()

    /// Opens the database; nothing is started before ``run()``.
    ///
    /// - Throws: ``ProviderError`` with code `storeFailed`.
    public init(
        configuration: ProviderConfiguration, machine: Machine, sink: any ReplicaSink, logger: Logger
    ) throws(ProviderError) {
        store = try Store(path: configuration.databasePath)
        maker = ReplicaMaker(configuration: configuration, machine: machine, store: store)
        ladder = IdleLadder(reclaimAfter: configuration.reclaimAfter, stopAfter: configuration.stopAfter)
        self.sink = sink
        self.logger = logger
    }

    /// Reads the desired state and tells the gateway of it, so that no call comes before its function is known.
    ///
    /// - Throws: ``ProviderError`` with code `storeFailed` when the desired state cannot be read.
    public func prepare() async throws {
        guard !isPrepared else { return }
        isPrepared = true
        try await restore()
    }

    /// Returns as soon as the provider can do anything at all.
    public func settle() {}

    /// Takes over the replicas that still run, and keeps them and the desired state in agreement until
    /// ``shutdown()``.
    ///
    /// - Throws: ``ProviderError`` with code `storeFailed` when the desired state cannot be read.
    public func run() async throws {
        try await prepare()
        await withTaskGroup { group in
            group.addTask { await self.watchRuntime() }
            group.addTask { await self.resyncPeriodically() }
            group.addTask { await self.watches.run() }
            await self.work.run()
            group.cancelAll()
        }
    }

    /// Ends ``run()`` when the work under way is done. The functions stay as they are.
    public nonisolated func shutdown() {
        watches.finish()
        work.finish()
    }

    /// What work is done on, one piece at a time.
    enum Lane: Hashable, Sendable {
        case function(FunctionName)
        case namespace(String)
        /// The network that all functions share.
        case network
    }

    /// Does a piece of work in a lane, apart from the task that asks for it.
    func inLane<Result: Sendable>(
        _ lane: Lane, _ body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        try await work.perform {
            await self.enterLane(lane)
            do {
                let result = try await body()
                await self.leaveLane(lane)
                return result
            } catch {
                await self.leaveLane(lane)
                throw error
            }
        }
    }

    /// Waits for a lane.
    func enterLane(_ lane: Lane) async {
        guard !lanes.tryEnter(lane) else { return }
        await withCheckedContinuation { lanes.wait(lane, $0) }
    }

    /// Hands a lane on.
    func leaveLane(_ lane: Lane) {
        lanes.leave(lane)
        if case .function(let name) = lane, functions[name]?.isGone == true { functions[name] = nil }
    }

    /// Tells the gateway where calls go now; when it returns, they do.
    func publish() async {
        snapshotVersion += 1
        let now = ContinuousClock.now
        let snapshot = ReplicaSnapshot(
            version: snapshotVersion, functions: functions.compactMapValues { $0.snapshot(now: now) })
        let awake = waking.filter { functions[$0]?.callable.isEmpty == false }
        waking.subtract(awake)
        await sink.publish(snapshot)
        for name in awake { functions[name]?.woke(now: .now) }
    }
}
