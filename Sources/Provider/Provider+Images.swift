import Containers
import Foundation
import Glibc
import Synchronization

extension Provider {
    /// The longest archive of images that is taken, in bytes.
    public static let maximumArchiveBytes = 4 << 30

    /// The names of the images that functions of a namespace can be made of without a registry.
    ///
    /// - Throws: ``ProviderError``.
    public func images(namespace: String) async throws -> [String] {
        try await requireNamespace(namespace)
        do {
            return try await maker.machine.images.list(namespace: maker.containerdNamespace(namespace)).map(\.name)
        } catch {
            throw ProviderError(error)
        }
    }

    /// The most digests that are asked for at once: containerd takes images of 127 layers.
    public static let maximumDigests = 512

    /// Which of the blobs with these digests are not in a namespace of the machine, in the order asked.
    ///
    /// - Throws: ``ProviderError``; `invalid` for what is no digest.
    public func missingBlobs(_ digests: [String], namespace: String) async throws -> [String] {
        guard digests.count <= Self.maximumDigests else {
            throw ProviderError(.invalid, "at most \(Self.maximumDigests) digests can be asked for at once")
        }
        if let other = digests.first(where: { !ImageReference.isDigest($0) }) {
            throw ProviderError(.invalid, "\"\(other.prefix(80))\" is no digest: sha256: and 64 hexadecimal digits")
        }
        try await requireNamespace(namespace)
        do {
            let present = try await maker.machine.images.blobs(namespace: maker.containerdNamespace(namespace))
            return digests.filter { !present.contains($0) }
        } catch {
            throw ProviderError(error)
        }
    }

    /// Takes the images of an OCI or Docker archive, so that functions can be made of them without a registry.
    ///
    /// - Parameter archive: its bytes, piece by piece.
    /// - Returns: the names of the images.
    /// - Throws: ``ProviderError``; `imageUnavailable` when it is no archive or has nothing for this machine,
    ///   `invalid` when it is too long, `storeFailed` when it does not fit on the disk.
    public func importImages(
        _ archive: any AsyncSequence<[UInt8], any Error> & Sendable, namespace: String
    ) async throws -> [String] {
        try await requireNamespace(namespace)
        do {
            try await maker.namespaces.make(namespace)
            let file = try ArchiveFile(directory: maker.configuration.dataDirectory + "/imports")
            defer { file.remove() }
            try await file.receive(archive)
            return try await take(file, namespace: maker.containerdNamespace(namespace))
        } catch {
            throw ProviderError(error)
        }
    }

    private func take(_ file: ArchiveFile, namespace: String) async throws -> [String] {
        do {
            return try await maker.machine.images.importArchive(file.path, namespace: namespace).map(\.description)
        } catch let error as ContainersError {
            // The client knows its archive under another name.
            throw ContainersError(
                error.code, error.message.replacing("\"\(file.path)\"", with: "that was sent"), details: error.details)
        }
    }
}

/// A file that an archive is kept in while it comes.
struct ArchiveFile: Sendable {
    /// What is left free on the disk for everything else.
    private static let reserve = 512 << 20
    /// How many archives are taken at once.
    private static let places = 4
    private static let counter = Atomic(0)
    private static let inUse = Atomic(0)

    let path: String
    private let descriptor: Int32

    /// - Throws: ``ProviderError`` when too many are being taken already or the file cannot be made.
    init(directory: String) throws(ProviderError) {
        try AtomicFile.makeDirectory(directory, permissions: 0o700)
        let own = "\(getpid())-"
        // Another daemon's that was killed: one data directory has one daemon.
        for name in (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? [] where !name.hasPrefix(own) {
            unlink(directory + "/" + name)
        }
        guard Self.inUse.add(1, ordering: .relaxed).newValue <= Self.places else {
            Self.inUse.subtract(1, ordering: .relaxed)
            throw ProviderError(.inUse, "\(Self.places) archives are being imported already; try again later")
        }
        path = directory + "/" + own + "\(Self.counter.add(1, ordering: .relaxed).newValue).tar"
        descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else {
            Self.inUse.subtract(1, ordering: .relaxed)
            throw ProviderError(.storeFailed, "cannot write the archive: \(String(cString: strerror(errno)))")
        }
    }

    /// Writes all that comes.
    func receive(_ pieces: any AsyncSequence<[UInt8], any Error> & Sendable) async throws {
        var total = 0
        var unchecked = Int.max
        for try await piece in pieces {
            total += piece.count
            unchecked = unchecked == .max ? .max : unchecked + piece.count
            guard total <= Provider.maximumArchiveBytes else {
                throw ProviderError(
                    .invalid, "the archive is longer than \(Provider.maximumArchiveBytes >> 30) GiB")
            }
            if unchecked >= 16 << 20 {
                try checkSpace()
                unchecked = 0
            }
            try write(piece)
        }
        guard total > 0 else { throw ProviderError(.invalid, "the body is empty; an OCI archive is expected") }
    }

    private func checkSpace() throws(ProviderError) {
        var status = statvfs()
        guard fstatvfs(descriptor, &status) == 0, status.f_bavail * status.f_frsize >= UInt(Self.reserve) else {
            throw ProviderError(.storeFailed, AtomicFile.diskIsFull)
        }
    }

    private func write(_ bytes: [UInt8]) throws(ProviderError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else {
                throw ProviderError(
                    .storeFailed, errno == ENOSPC ? AtomicFile.diskIsFull : "cannot write the archive")
            }
            rest = rest.dropFirst(count)
        }
    }

    func remove() {
        close(descriptor)
        unlink(path)
        Self.inUse.subtract(1, ordering: .relaxed)
    }
}
