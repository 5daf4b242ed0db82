import Containers
public import OpenFaaSAPI

extension Provider {
    /// How many lines there are for a client that names neither a number nor a time.
    private static let linesUnlessAsked = 1000

    /// What the replicas of a function wrote, oldest first, also those that are gone.
    ///
    /// The lines are read as they are asked for, so a slow reader slows down nothing but itself.
    ///
    /// - Throws: ``ProviderError``; `notFound` for a function that is not there and has written nothing.
    public func logs(_ request: LogRequest) async throws -> any AsyncSequence<LogMessage, any Error> & Sendable {
        let reader = LogReader(directory: maker.machine.logDirectory)
        var query = LogQuery(
            namespace: maker.containerdNamespace(request.name.namespace), name: request.name.name,
            instance: request.instance, follow: request.follow)
        if let since = request.since {
            guard let time = LogTime(rfc3339: since) else {
                throw ProviderError.invalid(
                    field: "since", "\"\(since.prefix(40))\" is not a time such as 2026-01-31T12:00:00Z")
            }
            query.since = time
        }
        query.tail = request.tail ?? (request.since == nil ? Self.linesUnlessAsked : nil)
        do {
            if functions[request.name]?.accepted == nil {
                var look = query
                (look.tail, look.follow) = (1, false)
                guard await Self.hasLines(try reader.entries(look)) else {
                    throw ProviderError(.notFound, "function \(request.name) not found, and it has no logs")
                }
            }
            return LogMessages(name: request.name, entries: try reader.entries(query))
        } catch {
            throw ProviderError(error)
        }
    }

    private static func hasLines(_ entries: LogEntries) async -> Bool {
        for await _ in entries { return true }
        return false
    }
}

/// Lines as the API has them.
struct LogMessages: AsyncSequence, Sendable {
    let name: FunctionName
    let entries: LogEntries

    struct Iterator: AsyncIteratorProtocol {
        let name: FunctionName
        var entries: LogEntries.Iterator

        mutating func next() async throws -> LogMessage? {
            try await next(isolation: nil)
        }

        mutating func next(isolation actor: isolated (any Actor)?) async throws(any Error) -> LogMessage? {
            guard let entry = await entries.next(isolation: actor) else { return nil }
            return LogMessage(
                name: name.name, namespace: name.namespace, instance: entry.instance, timestamp: entry.line.time,
                text: entry.line.text)
        }
    }

    func makeAsyncIterator() -> Iterator {
        Iterator(name: name, entries: entries.makeAsyncIterator())
    }
}
