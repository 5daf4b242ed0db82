import Foundation
import NIOCore
import NIOSSL
import Proxy
import Synchronization

/// Certificate and key as they are now. Connections that are open keep what they began with.
final class TLSCertificates: ConnectionSecurity {
    /// Tells one version of the files from another.
    struct Stamp: Sendable, Equatable {
        /// Of a file: which it is, and when it was written.
        struct File: Sendable, Equatable {
            let number: Int?
            let size: Int?
            let written: Date?
        }

        let certificate: File?
        let key: File?

        init(_ files: TLSFiles) {
            certificate = Self.file(files.certificate)
            key = Self.file(files.key)
        }

        /// Where a link leads to, as with certbot, whose links are changed.
        private static func file(_ path: String) -> File? {
            let path = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
            guard let found = try? FileManager.default.attributesOfItem(atPath: path) else { return nil }
            return File(
                number: found[.systemFileNumber] as? Int, size: found[.size] as? Int,
                written: found[.modificationDate] as? Date)
        }
    }

    private struct State {
        var context: NIOSSLContext
        /// What was looked at last, whether it could be used or not.
        var seen: Stamp
    }

    let files: TLSFiles
    private let state: Mutex<State>

    /// Reads the files.
    ///
    /// - Throws: ``InstallError`` that says which cannot be used, and why.
    init(files: TLSFiles) throws {
        self.files = files
        let stamp = Stamp(files)
        state = Mutex(State(context: try Self.load(files), seen: stamp))
    }

    func makeHandler() throws -> any ChannelHandler {
        NIOSSLServerHandler(context: state.withLock { $0.context })
    }

    /// Reads the files again, if they have changed since they were last looked at.
    ///
    /// - Returns: whether new connections get another certificate from now on.
    /// - Throws: ``InstallError``; then the old one goes on.
    func reload() throws -> Bool {
        let stamp = Stamp(files)
        let isNew = state.withLock { state in
            defer { state.seen = stamp }
            return state.seen != stamp
        }
        guard isNew else { return false }
        let context = try Self.load(files)
        state.withLock { $0.context = context }
        return true
    }

    private static func load(_ files: TLSFiles) throws -> NIOSSLContext {
        let chain: [NIOSSLCertificate]
        do {
            chain = try NIOSSLCertificate.fromPEMFile(files.certificate)
        } catch {
            throw InstallError(
                "cannot use \(files.certificate) as tls-certificate: \(reason(files.certificate, error))")
        }
        let key: NIOSSLPrivateKey
        do {
            key = try NIOSSLPrivateKey(file: files.key, format: .pem)
        } catch {
            throw InstallError("cannot use \(files.key) as tls-key: \(reason(files.key, error))")
        }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        do {
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw InstallError(
                "certificate \(files.certificate) and key \(files.key) do not belong together, or cannot be used: \(error)"
            )
        }
    }

    private static func reason(_ path: String, _ error: any Error) -> String {
        access(path, R_OK) == 0 ? "it is not a PEM file (\(error))" : String(cString: strerror(errno))
    }
}
