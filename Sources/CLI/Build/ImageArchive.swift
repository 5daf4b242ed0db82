import Foundation
import NIOCore

/// An archive of images that is put together while it is sent: an image is never in memory as a whole, and its layers are
/// not written to the disk another time.
struct ImageArchive: Sendable {
    enum Part: Equatable, Sendable {
        case bytes([UInt8])
        case file(path: String, offset: Int64, length: Int64)
    }

    private(set) var parts: [Part] = []
    /// In bytes.
    private(set) var length: Int64 = 0

    /// An archive that is a file already.
    ///
    /// - Throws: ``CLIError`` when it cannot be read.
    static func whole(_ path: String) throws -> ImageArchive {
        guard let handle = FileHandle(forReadingAtPath: path) else { throw CLIError(.file, "cannot read \(path)") }
        defer { try? handle.close() }
        var archive = ImageArchive()
        archive.append(.file(path: path, offset: 0, length: Int64(try handle.seekToEnd())))
        return archive
    }

    /// An OCI archive of one image.
    ///
    /// - Parameters:
    ///   - blobs: where the bytes of the blobs are that it is to have beside the manifest.
    static func oci(
        _ manifest: ImageManifest, image: String, blobs: [(blob: ImageManifest.Blob, part: Part)]
    ) throws -> ImageArchive {
        var archive = ImageArchive()
        archive.add("oci-layout", Array(#"{"imageLayoutVersion":"1.0.0"}"#.utf8))
        archive.add("index.json", try manifest.index(of: image))
        archive.add("blobs/sha256/" + manifest.digest.dropFirst(7), manifest.bytes)
        for (blob, part) in blobs { archive.add(blob.path, part, size: blob.size) }
        archive.append(.bytes([UInt8](repeating: 0, count: 2 * TarFile.block)))
        return archive
    }

    private mutating func add(_ name: String, _ bytes: [UInt8]) {
        add(name, .bytes(bytes), size: Int64(bytes.count))
    }

    private mutating func add(_ name: String, _ part: Part, size: Int64) {
        append(.bytes(TarFile.header(name, size: size)))
        append(part)
        append(.bytes([UInt8](repeating: 0, count: TarFile.padding(size))))
    }

    private mutating func append(_ part: Part) {
        parts.append(part)
        switch part {
        case .bytes(let bytes): length += Int64(bytes.count)
        case .file(_, _, let count): length += count
        }
    }
}

extension ImageArchive: AsyncSequence {
    private static let pieceBytes = 1 << 20

    /// The bytes, piece by piece.
    struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate var parts: ArraySlice<Part>
        private var open: (handle: FileHandle, rest: Int64)?

        fileprivate init(parts: [Part]) {
            self.parts = parts[...]
        }

        mutating func next() async throws -> ByteBuffer? {
            while true {
                if let (handle, rest) = open {
                    let count = Int(Swift.min(rest, Int64(ImageArchive.pieceBytes)))
                    if count > 0, let data = try handle.read(upToCount: count), !data.isEmpty {
                        open = (handle, rest - Int64(data.count))
                        return ByteBuffer(bytes: data)
                    }
                    try handle.close()
                    open = nil
                }
                guard let part = parts.popFirst() else { return nil }
                switch part {
                case .bytes(let bytes): if !bytes.isEmpty { return ByteBuffer(bytes: bytes) }
                case .file(let path, let offset, let length):
                    guard let handle = FileHandle(forReadingAtPath: path) else {
                        throw CLIError(.file, "cannot read \(path)")
                    }
                    try handle.seek(toOffset: UInt64(offset))
                    open = (handle, length)
                }
            }
        }
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(parts: parts) }
}
