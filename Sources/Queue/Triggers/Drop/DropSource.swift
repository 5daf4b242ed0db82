import Foundation
public import Logging
import OpenFaaSAPI

/// Folders: what is put into ROOT/NAME goes to the functions with the topic `drop:NAME`.
public struct DropSource: EventSource {
    /// Tells the function the file's name, percent-encoded.
    static let nameHeader = "X-File-Name"
    /// So often folders are looked at though nothing was told of them: they may have been removed and made again.
    private static let rescan: Int64 = 30_000
    /// The same where the machine has no watch to give.
    private static let unwatchedRescan: Int64 = 2000
    /// How soon it is tried again when the queue took nothing.
    private static let retry: Int64 = 5000
    /// The kernel tells that a file was closed a moment before it counts as closed.
    private static let settle: Int64 = 100

    /// Names it in metrics and in the list of triggers.
    public let name = "drop"
    /// What functions are told of it.
    public let connector = "drop-folder"

    private let root: String
    private let maximumBytes: Int
    private let keep: Duration
    private let clock: QueueClock
    private let logger: Logger

    /// Makes a source.
    ///
    /// - Parameters:
    ///   - root: the folder of the folders.
    ///   - maximumBytes: the longest file that is delivered.
    ///   - keep: how long a delivered file is kept aside; zero for not at all.
    ///   - clock: the time.
    ///   - logger: takes what an operator should know.
    public init(root: String, maximumBytes: Int, keep: Duration, clock: QueueClock = .system, logger: Logger) {
        self.root = root
        self.maximumBytes = maximumBytes
        self.keep = keep
        self.clock = clock
        self.logger = logger
    }

    /// Whether the topic is a folder's.
    public func serves(_ topic: String) -> Bool { DropTopic.folder(topic) != nil }

    /// Makes calls of files until its task is cancelled.
    public func run(_ desk: TriggerDesk) async {
        let bell = Doorbell()
        let watch = watchFolders(bell)
        await withDiscardingTaskGroup { group in
            group.addTask {
                for await _ in desk.changes() { bell.ring() }
            }
            var looks: [String: Int64] = [:]
            var stuck: Set<String> = []
            while !Task.isCancelled {
                let folders = Set(desk.subscriptions.flatMap { $0.settings.topics.compactMap(DropTopic.folder) })
                looks = looks.filter { folders.contains($0.key) }
                let changed = watch?.takeChanged() ?? []
                for folder in folders.sorted() where changed.contains(folder) || (looks[folder] ?? 0) <= clock.now() {
                    let pause = await look(folder, watch, desk, &stuck)
                    let isEarly = pause == Self.settle && !changed.contains(folder)
                    looks[folder] = clock.now() + (isEarly ? Self.rescan : pause)
                }
                await bell.wait(until: looks.values.min(), clock: clock)
            }
            group.cancelAll()
        }
    }

    private func watchFolders(_ bell: Doorbell) -> FolderWatch? {
        do {
            return try FolderWatch { bell.ring() }
        } catch {
            logger.warning("folders are looked at every two seconds", metadata: ["error": "\(error)"])
            return nil
        }
    }

    /// Delivers what lies in a folder.
    ///
    /// - Parameter stuck: keys of files that were delivered and cannot be put aside.
    /// - Returns: after how many milliseconds to look again at the latest.
    private func look(
        _ folder: String, _ watch: FolderWatch?, _ desk: TriggerDesk, _ stuck: inout Set<String>
    ) async -> Int64 {
        do {
            let directory = try DropDirectory(parent: root, name: folder)
            // Before it is looked at, so that what comes meanwhile is told of.
            watch?.add(folder, path: root + "/" + folder)
            var pause = watch == nil ? Self.unwatchedRescan : Self.rescan
            for name in directory.names() where !Task.isCancelled {
                switch directory.read(name, limit: maximumBytes) {
                case .none:
                    continue
                case .busy:
                    pause = min(pause, Self.settle)
                case .refused(let reason):
                    try refuse(name, in: directory, folder, reason, desk)
                case .whole(let body, let key):
                    guard !stuck.contains(key) else { continue }
                    // The desk has told of what fails here.
                    guard let isTaken = try? await deliver(name, body, key, of: folder, desk) else { return Self.retry }
                    guard isTaken else { continue }
                    do {
                        try directory.finish(name, keeping: keep > .zero)
                    } catch {
                        stuck.insert(key)
                        report(error, folder, desk)
                    }
                }
            }
            if keep > .zero { directory.prune(before: (clock.now() - keep.milliseconds) * 1_000_000) }
            return pause
        } catch {
            report(error, folder, desk)
            return Self.retry
        }
    }

    /// - Returns: whether there was a function for it.
    private func deliver(
        _ name: FileName, _ body: Data, _ key: String, of folder: String, _ desk: TriggerDesk
    ) async throws -> Bool {
        var event = TriggerEvent(
            topic: DropTopic.prefix + folder, key: key, body: body, contentType: "application/octet-stream")
        event.headers = [HeaderField(Self.nameHeader, name.encoded)]
        return try await !desk.deliver(event).isEmpty
    }

    private func refuse(
        _ name: FileName, in directory: DropDirectory, _ folder: String, _ reason: String, _ desk: TriggerDesk
    ) throws {
        try directory.fail(name, reason: reason)
        report(QueueError(.wrongState, "\(name.encoded) was put aside: \(reason)"), folder, desk)
    }

    private func report(_ error: any Error, _ folder: String, _ desk: TriggerDesk) {
        logger.warning("a file was not taken", metadata: ["folder": "\(folder)", "error": "\(error)"])
        let topic = DropTopic.prefix + folder
        for subscription in desk.subscriptions where subscription.settings.topics.contains(topic) {
            desk.note(subscription.function, topic) { line in
                line.counts.failed += 1
                line.lastError = "\(error)"
            }
        }
    }
}
