import Foundation
import Provider

/// The name and password that open `/system` and `/ui`.
public struct Credentials: Sendable {
    let user: [UInt8]
    let password: [UInt8]
    /// The file that keeps the sessions of the console; `nil` to keep them in memory only.
    let sessionsPath: String?

    /// Whether name and password are these. Takes a time that tells nothing of how far they are right.
    func match(user: [UInt8], password: [UInt8]) -> Bool {
        let isUser = BasicAuth.isSame(user, as: self.user)
        let isPassword = BasicAuth.isSame(password, as: self.password)
        return isUser && isPassword
    }

    /// Changes with the name and the password. It is kept in a file beside them.
    var checksum: String { Checksum.text(user + [0] + password) }

    /// Where the two files are, in the directory that faas-cli's users know.
    public static func passwordPath(secretsDirectory: String) -> String { secretsDirectory + "/basic-auth-password" }

    /// Reads both from their files; makes user `admin` with a random password when there are none.
    ///
    /// - Parameter secretsDirectory: the directory of `basic-auth-user` and `basic-auth-password`.
    /// - Throws: a `CredentialsError` when a file cannot be read or written, or is empty.
    public init(secretsDirectory: String) throws {
        let userPath = secretsDirectory + "/basic-auth-user"
        let passwordPath = Self.passwordPath(secretsDirectory: secretsDirectory)
        if !FileManager.default.fileExists(atPath: passwordPath) {
            try SecretFile.write(Self.randomPassword(), to: passwordPath)
        }
        if !FileManager.default.fileExists(atPath: userPath) {
            try SecretFile.write("admin", to: userPath)
        }
        user = try SecretFile.read(userPath)
        password = try SecretFile.read(passwordPath)
        sessionsPath = secretsDirectory + "/console-sessions"
    }

    /// Reads both from their files, which must be there: nobody but a provider knows what opens it.
    ///
    /// - Parameter directory: the directory of `basic-auth-user` and `basic-auth-password`.
    /// - Throws: a `CredentialsError` when a file cannot be read, or is empty.
    public init(existingIn directory: String) throws {
        user = try SecretFile.read(directory + "/basic-auth-user")
        password = try SecretFile.read(Self.passwordPath(secretsDirectory: directory))
        sessionsPath = nil
    }

    /// For tests and for credentials from elsewhere.
    package init(user: String, password: String) {
        self.user = Array(user.utf8)
        self.password = Array(password.utf8)
        sessionsPath = nil
    }

    /// 40 letters and digits: 238 bits.
    private static func randomPassword() -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")
        var generator = SystemRandomNumberGenerator()
        return String((0..<40).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &generator)] })
    }
}

/// Why the credentials are not to be had.
public struct CredentialsError: Error, CustomStringConvertible {
    /// A sentence for the operator.
    public let description: String
}

/// A small file that only root may read.
private enum SecretFile {
    static func write(_ text: String, to path: String) throws {
        do {
            let directory = URL(fileURLWithPath: path).deletingLastPathComponent().path
            try AtomicFile.makeDirectory(directory, permissions: 0o700)
            try AtomicFile.write(Array(text.utf8), to: path, permissions: 0o600)
        } catch {
            throw CredentialsError(description: "\(error)")
        }
    }

    static func read(_ path: String) throws -> [UInt8] {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw CredentialsError(description: "cannot read \(path)")
        }
        let text = String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        guard !text.isEmpty else {
            throw CredentialsError(description: "\(path) is empty; write into it what is meant, or delete it")
        }
        return Array(text.utf8)
    }
}
