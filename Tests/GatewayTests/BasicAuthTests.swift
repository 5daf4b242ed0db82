import Foundation
import Testing

@testable import Gateway

struct BasicAuthTests {
    private let auth = BasicAuth(credentials: Credentials(user: "admin", password: "secret:with colon"))

    private func header(_ text: String) -> String { "Basic " + Data(text.utf8).base64EncodedString() }

    @Test func acceptsTheRightPair() {
        #expect(auth.accepts(header("admin:secret:with colon")))
        #expect(auth.accepts(header("admin:secret:with colon").replacing("Basic", with: "bAsIc")))
    }

    @Test(arguments: [
        "", ":", "admin", "admin:", "admin:secret", "admin:secret:with colon ", ":secret:with colon",
        "Admin:secret:with colon", "admin:secret:with colonsecret:with colon",
    ])
    func refuses(pair: String) {
        #expect(!auth.accepts(header(pair)))
    }

    @Test(arguments: [
        nil, "", "Basic", "Basic !!!", "Bearer YWRtaW46eA==", "Basic " + String(repeating: "A", count: 5000),
    ])
    func refusesOtherHeaders(value: String?) {
        #expect(!auth.accepts(value))
    }

    @Test func credentialsAreMadeOnceAndKept() throws {
        let directory = NSTemporaryDirectory() + "faasd-credentials-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let first = try Credentials(secretsDirectory: directory)
        #expect(first.password.count == 40)
        #expect(first.user == Array("admin".utf8))
        #expect(try Credentials(secretsDirectory: directory).password == first.password)
        let path = Credentials.passwordPath(secretsDirectory: directory)
        #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o600)
        try Data(" \n".utf8).write(to: URL(fileURLWithPath: path))
        #expect(throws: CredentialsError.self) { try Credentials(secretsDirectory: directory) }
    }
}
