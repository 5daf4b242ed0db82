import Foundation
import NIOCore
import OpenFaaSAPI
import Proxy

/// Watches functions for whoever looks: samples their calls, and tells of changes. It rests while nobody looks.
actor Monitor {
    /// The most streams at once.
    static let viewerLimit = 32
    /// Events that a stream keeps for a reader that is slow; one more ends it.
    static let eventLimit = 64
    /// For how long a single question keeps the samples coming, in seconds.
    static let attention = 60
    /// How many fine samples make a coarse one.
    static let coarseEvery = 15
    static let step = 2

    private struct Viewer {
        let continuation: AsyncStream<ByteBuffer>.Continuation
        /// The function whose replicas are measured for it.
        let function: FunctionName?
    }

    private let provider: any FunctionProvider
    private let counters: @Sendable () async -> [FunctionCounters]
    private let version: String
    /// Whether asking for one function more costs nothing.
    private let isLocal: Bool
    private let bell: AsyncStream<Void>
    private let ring: AsyncStream<Void>.Continuation

    private var viewers: [Int: Viewer] = [:]
    private var nextViewer = 0
    private var isClosed = false
    /// Functions that somebody asked for by name, and when, seconds since 1970.
    private var asked: [FunctionName: Int] = [:]
    private var lastAsked = 0

    private var summaries: [FunctionName: FunctionSummary] = [:]
    private var totals: [FunctionName: CallTotals] = [:]
    private var histories: [FunctionName: FunctionHistory] = [:]
    private var fine = Timeline(step: Monitor.step, capacity: 150)
    private var coarse = Timeline(step: Monitor.step * Monitor.coarseEvery, capacity: 120)
    private var lastTick: ContinuousClock.Instant?
    private var lastCoarse: ContinuousClock.Instant?
    private var latest: [FunctionName: SampleAnswer] = [:]

    init(
        provider: any FunctionProvider, isLocal: Bool, version: String,
        counters: @escaping @Sendable () async -> [FunctionCounters]
    ) {
        self.provider = provider
        self.isLocal = isLocal
        self.version = version
        self.counters = counters
        (bell, ring) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Samples as long as somebody looks, until ``close()`` or cancellation.
    func run() async {
        for await _ in bell {
            repeat {
                await tick()
                // Cut short by cancellation only, which the loop sees.
                try? await Task.sleep(for: .seconds(Self.step))
            } while isWatched && !Task.isCancelled
            lastTick = nil
            lastCoarse = nil
        }
    }

    /// Ends all streams; the gateway is about to end.
    func close() {
        isClosed = true
        for viewer in viewers.values {
            viewer.continuation.yield(ServerEvent.bye)
            viewer.continuation.finish()
        }
        viewers = [:]
        ring.finish()
    }

    private var isWatched: Bool { !isClosed && (!viewers.isEmpty || Self.now - lastAsked < Self.attention) }

    private func look(at function: FunctionName? = nil) {
        lastAsked = Self.now
        if let function { asked[function] = Self.now }
        ring.yield()
    }

    /// All functions as they are now.
    func overview() async -> Overview {
        look()
        await readFunctions()
        return current
    }

    private var current: Overview {
        Overview(
            time: Self.now, version: version,
            functions: summaries.values.sorted { ($0.name, $0.namespace) < ($1.name, $1.namespace) },
            samples: Dictionary(uniqueKeysWithValues: latest.map { ("\($0.key)", $0.value) }))
    }

    /// The samples of a function.
    ///
    /// - Parameter hour: the last hour in steps of 30 s instead of the last five minutes in steps of 2 s.
    func series(of function: FunctionName, hour: Bool) -> SeriesAnswer {
        look(at: function)
        let history = histories[function]
        return SeriesAnswer(
            name: function, timeline: hour ? coarse : fine, series: hour ? history?.coarse : history?.fine)
    }

    /// Opens a stream of events; `nil` when there are too many.
    ///
    /// - Parameter function: whose replicas are to be measured.
    func open(for function: FunctionName?) async -> (id: Int, events: AsyncStream<ByteBuffer>)? {
        guard !isClosed, viewers.count < Self.viewerLimit else { return nil }
        let (events, continuation) = AsyncStream<ByteBuffer>.makeStream(
            bufferingPolicy: .bufferingOldest(Self.eventLimit))
        await readFunctions()
        // From here to the viewer's entry nothing else runs, so that no change falls between.
        guard !isClosed, viewers.count < Self.viewerLimit else { return nil }
        nextViewer += 1
        continuation.yield(ServerEvent.make("snapshot", current))
        viewers[nextViewer] = Viewer(continuation: continuation, function: function)
        ring.yield()
        return (nextViewer, events)
    }

    /// Ends a stream.
    func leave(_ id: Int) {
        viewers.removeValue(forKey: id)?.continuation.finish()
    }

    /// Tells all viewers; an event that nobody would get is not made.
    private func send(_ event: @autoclosure () -> ByteBuffer) {
        guard !viewers.isEmpty else { return }
        let event = event()
        for (id, viewer) in viewers {
            if case .dropped = viewer.continuation.yield(event) { leave(id) }
        }
    }

    // MARK: Sampling

    private func tick() async {
        await readFunctions()
        let usage = await measureWatched()
        let clock = ContinuousClock.now
        let time = Self.now
        defer { lastTick = clock }
        guard let lastTick else {
            // The first look is what the next is compared with.
            for (name, counts) in totals { begin(name, counts) }
            lastCoarse = clock
            return
        }
        let seconds = lastTick.duration(to: clock) / .seconds(1)
        let tick = fine.append(time)
        var changed: [String: SampleAnswer] = [:]
        for (name, counts) in totals {
            guard var history = histories[name] else {
                begin(name, counts)
                continue
            }
            let sample = counts.since(history.fineTotals, seconds: seconds)
            if !sample.isQuiet { history.lastCall = time }
            history.fineTotals = counts
            history.fine.append(.init(tick: tick, sample: sample, usage: usage[name]), oldest: fine.firstTick)
            let wasQuiet = latest[name].map { $0.rate == 0 && $0.inFlight == 0 } ?? true
            let answer = SampleAnswer(sample, calls: counts.count, lastCall: history.lastCall, usage: usage[name])
            latest[name] = answer
            if !sample.isQuiet || !wasQuiet || usage[name] != nil { changed["\(name)"] = answer }
            histories[name] = history
        }
        takeCoarse(clock, time, usage)
        send(ServerEvent.make("samples", SamplesEvent(time: time, samples: changed)))
    }

    private func begin(_ name: FunctionName, _ counts: CallTotals) {
        var history = histories[name] ?? FunctionHistory(fineTotals: counts, coarseTotals: counts)
        (history.fineTotals, history.coarseTotals) = (counts, counts)
        histories[name] = history
        let quiet = CallSample(rate: 0, errors: 0, p50: 0, p95: 0, p99: 0, inFlight: Int32(clamping: counts.inFlight))
        latest[name] = SampleAnswer(quiet, calls: counts.count, lastCall: history.lastCall)
    }

    private func takeCoarse(
        _ clock: ContinuousClock.Instant, _ time: Int, _ usage: [FunctionName: FunctionSeries.Usage]
    ) {
        guard let last = lastCoarse else { return }
        let seconds = last.duration(to: clock) / .seconds(1)
        guard seconds >= Double(coarse.step) - 0.5 else { return }
        lastCoarse = clock
        let tick = coarse.append(time)
        for (name, var history) in histories {
            guard let counts = totals[name] else { continue }
            let sample = counts.since(history.coarseTotals, seconds: seconds)
            history.coarseTotals = counts
            history.coarse.append(.init(tick: tick, sample: sample, usage: usage[name]), oldest: coarse.firstTick)
            histories[name] = history
        }
    }

    /// What replicas use, of the functions that somebody looks at one by one.
    private func measureWatched() async -> [FunctionName: FunctionSeries.Usage] {
        asked = asked.filter { Self.now - $0.value < Self.attention }
        let watched = Set(viewers.values.compactMap(\.function)).union(asked.keys).prefix(Self.viewerLimit)
        var found: [FunctionName: FunctionSeries.Usage] = [:]
        for name in watched {
            guard let usage = (try? await provider.status(of: name, usage: true))?.usage else { continue }
            found[name] = FunctionSeries.Usage(cpu: Float(usage.cpu), memory: Float(usage.totalMemoryBytes))
        }
        return found
    }

    /// Reads which functions there are, and tells of what has changed.
    private func readFunctions() async {
        let counted = await counters()
        var found: [FunctionName: FunctionSummary] = [:]
        // Every function has counters, so a namespace without any is not asked for.
        for namespace in Set(counted.map(\.name.namespace)) {
            guard let listed = try? await provider.list(namespace: namespace, usage: false) else {
                // A provider that does not answer takes nothing off the list.
                found.merge(summaries.filter { $0.key.namespace == namespace }) { $1 }
                continue
            }
            for status in listed {
                guard let name = try? FunctionName(status.name, namespace: status.namespace) else { continue }
                // How a function rests is told by its replicas, which a list does not have.
                let isAtRest = isLocal && status.replicas == 0 && status.failure == nil
                found[name] = FunctionSummary(isAtRest ? await whole(status, name) : status)
            }
        }
        let before = summaries
        summaries = found
        totals = Dictionary(
            counted.filter { found[$0.name] != nil }.map { ($0.name, CallTotals($0)) }, uniquingKeysWith: { $1 })
        histories = histories.filter { found[$0.key] != nil }
        latest = latest.filter { found[$0.key] != nil }
        for (name, summary) in found where before[name] != summary { send(ServerEvent.make("function", summary)) }
        for name in before.keys where found[name] == nil {
            send(ServerEvent.make("gone", GoneEvent(name: name.name, namespace: name.namespace)))
        }
    }

    private func whole(_ status: FunctionStatus, _ name: FunctionName) async -> FunctionStatus {
        (try? await provider.status(of: name, usage: false)) ?? status
    }

    private static var now: Int { Int(Date().timeIntervalSince1970) }
}
