import Logging

extension Ctr {
    /// How many events may wait for the reader.
    private static let bufferedEvents = 4096
    /// How long the subscription may take to show.
    private static let subscribeTimeLimit: Duration = .seconds(15)
    private static let probeLabel = "containers.events-probe"

    /// See ``ContainerRuntime/events()``.
    public func events() -> AsyncThrowingStream<ContainerEvent, any Error> {
        let (stream, continuation) = AsyncThrowingStream.makeStream(
            of: ContainerEvent.self, bufferingPolicy: .bufferingOldest(Self.bufferedEvents))
        // The stream owns this task: it is cancelled when the stream is let go, and its end ends the stream.
        let task = Task {
            do {
                try await follow(EventFeed(continuation: continuation, probe: "\(UInt64.random(in: 0 ... .max))"))
                continuation.finish()
            } catch {
                continuation.finish(throwing: error)
            }
        }
        continuation.onTermination = { _ in task.cancel() }
        return stream
    }

    private func follow(_ feed: EventFeed) async throws {
        try await createNamespace(settings.probeNamespace, labels: [:])
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                let result = try await client.runner.forEachLine(of: client.command(["events"], namespace: nil)) {
                    try await feed.take($0)
                }
                throw ContainersError(
                    .unavailable, "containerd has closed the stream of events",
                    details: CtrFailure(result: result, request: .question).reason)
            }
            group.addTask { try await probe(feed) }
            defer { group.cancelAll() }
            while try await group.next() != nil {}
        }
    }

    /// Makes harmless events until one of them comes back: `ctr events` says nothing when it has subscribed.
    private func probe(_ feed: EventFeed) async throws {
        try await withTimeLimit(
            Self.subscribeTimeLimit,
            orThrow: ContainersError(.unavailable, "containerd sent no events within \(Self.subscribeTimeLimit)")
        ) {
            while await !feed.isSubscribed {
                try await label("\(Self.probeLabel)=\(feed.probe)")
                try await Task.sleep(for: .milliseconds(50))
            }
        }
        try await label("\(Self.probeLabel)=")
    }

    private func label(_ pair: String) async throws {
        let name = settings.probeNamespace
        _ = try await client.require(
            ["namespaces", "label", name, pair], namespace: nil, about: "namespace \"\(name)\"")
    }

    /// Turns lines into elements of the stream, from the moment the probe was seen.
    private actor EventFeed {
        let probe: String
        private let continuation: AsyncThrowingStream<ContainerEvent, any Error>.Continuation
        private(set) var isSubscribed = false

        init(continuation: AsyncThrowingStream<ContainerEvent, any Error>.Continuation, probe: String) {
            self.continuation = continuation
            self.probe = probe
        }

        func take(_ line: String) throws {
            guard let parsed = CtrEventLine(line) else { return }
            if !isSubscribed, parsed.namespaceLabels.values.contains(probe) {
                isSubscribed = true
                continuation.yield(.subscribed)
                return
            }
            guard isSubscribed else { return }
            switch continuation.yield(parsed.event) {
            case .enqueued: break
            case .terminated: throw CancellationError()
            case .dropped:
                throw ContainersError(
                    .internalError, "events of containerd were lost because they were not read in time")
            @unknown default: break
            }
        }
    }
}
