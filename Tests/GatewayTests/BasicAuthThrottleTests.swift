import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import Testing

@testable import Gateway

/// Wrong passwords at the API itself.
struct BasicAuthThrottleTests {
    private let auth = BasicAuth(credentials: Credentials(user: "admin", password: "right"))

    private func status(_ password: String?, from address: String) async throws -> (Int, String?) {
        var fields = HTTPFields()
        if let password { fields[.authorization] = "Basic " + Data("admin:\(password)".utf8).base64EncodedString() }
        let head = HTTPRequest(method: .get, scheme: "http", authority: "a", path: "/system/info", headerFields: fields)
        let request = Request(head: head, body: RequestBody(buffer: ByteBuffer()))
        let context = ControlContext(source: .init(logger: Logger(label: "test"), remoteAddress: address))
        do {
            let response = try await auth.handle(request, context: context) { _, _ in Response(status: .ok) }
            return (response.status.code, nil)
        } catch let error as TextError {
            let response = try error.response(from: request, context: context)
            return (response.status.code, response.headers[.retryAfter])
        }
    }

    @Test func whoGuessesWaitsAndOthersDoNot() async throws {
        for _ in 1...PasswordThrottle.Table.limit {
            #expect(try await status("wrong", from: "192.0.2.7").0 == 401)
            #expect(try await status("wrong", from: "127.0.0.1").0 == 401)
        }
        let (code, wait) = try await status("wrong", from: "192.0.2.7")
        #expect(code == 429 && (1...60).contains(wait.flatMap { Int($0) } ?? 0))
        // Also the right one: else guessing would go on.
        #expect(try await status("right", from: "192.0.2.7").0 == 429)
        #expect(try await status(nil, from: "192.0.2.7").0 == 401)
        #expect(try await status("right", from: "192.0.2.8").0 == 200)
        #expect(try await status("right", from: "127.0.0.1").0 == 200)
    }
}
