import Foundation
import HTTPTypes
import Logging
import Testing

@testable import Gateway

/// Who may use the console, and for how long.
struct SessionTests {
    private let start = 1_800_000_000.0

    @Test func aSessionEndsWhenItIsNotUsed() {
        var table = SessionTable()
        let token = table.open(id: "a", secret: "s", now: start)
        #expect(token == "a.s")
        var now = start
        for _ in 0..<10 {
            now += SessionTable.idleLimit - 1
            let accepted = table.accepts(token, now: now)
            #expect(accepted)
        }
        let acceptedLater = table.accepts(token, now: now + SessionTable.idleLimit + 1)
        #expect(!acceptedLater)
        #expect(table.sessions.isEmpty)
    }

    @Test func aSessionEndsAfterADayOfUse() {
        var table = SessionTable()
        let token = table.open(id: "a", secret: "s", now: start)
        for hour in 1...24 {
            let accepted = table.accepts(token, now: start + Double(hour) * 3600)
            #expect(accepted)
        }
        let acceptedLater = table.accepts(token, now: start + SessionTable.totalLimit + 1)
        #expect(!acceptedLater)
    }

    @Test(arguments: ["", ".", "a", "a.", "a.t", "b.s", "a.s.", "a.ss", ".s", String(repeating: "a.s", count: 200)])
    func otherTokensAreRefused(token: String) {
        var table = SessionTable()
        _ = table.open(id: "a", secret: "s", now: start)
        let accepted = table.accepts(token, now: start)
        #expect(!accepted)
        let wasThere = table.close(token)
        #expect(!wasThere)
        let own = table.accepts("a.s", now: start)
        #expect(own)
    }

    @Test func theOldestMakesRoom() {
        var table = SessionTable()
        for number in 0..<SessionTable.limit {
            _ = table.open(id: "\(number)", secret: "s", now: start + Double(number))
        }
        let used = table.accepts("0.s", now: start + 100)
        #expect(used)
        _ = table.open(id: "more", secret: "s", now: start + 200)
        #expect(table.sessions.count == SessionTable.limit)
        let kept = table.accepts("0.s", now: start + 200)
        #expect(kept)
        let unused = table.accepts("1.s", now: start + 200)
        #expect(!unused)
    }

    @Test func keptSessionsOfLongAgoAreDropped() {
        let old = SessionTable.Session(id: "a", secret: "s", openedAt: start, usedAt: start)
        var fresh = SessionTable(kept: [old], now: start + 3600)
        let accepted = fresh.accepts("a.s", now: start + 3600)
        #expect(accepted)
        #expect(SessionTable(kept: [old], now: start + SessionTable.totalLimit + 1).sessions.isEmpty)
        #expect(SessionTable(kept: [old], now: start - 1).sessions.isEmpty)
    }

    @Test func guessingIsSlowedDownHereAsAnywhere() async throws {
        let logger = Logger(label: "test")
        let sessions = Sessions(credentials: Credentials(user: "admin", password: "right"), logger: logger)
        func login(_ password: String, from address: String) async -> Sessions.Login {
            await sessions.login(user: "admin", password: password, from: address)
        }
        for _ in 0..<PasswordThrottle.Table.limit {
            guard case .refused = await login("wrong", from: "192.0.2.1") else {
                Issue.record("a wrong password was not refused")
                return
            }
        }
        guard case .later(let seconds) = await login("right", from: "192.0.2.1") else {
            Issue.record("the client was not slowed down")
            return
        }
        #expect((1...60).contains(seconds))
        let auth = BasicAuth(credentials: Credentials(user: "admin", password: "right"), sessions: sessions)
        #expect(auth.throttle.wait("192.0.2.1") != nil && auth.throttle.wait("192.0.2.2") == nil)
        guard case .opened = await login("right", from: "192.0.2.2") else {
            Issue.record("another client was slowed down")
            return
        }
    }

    @Test func sessionsOutliveARestartUnlessThePasswordIsChanged() async throws {
        let directory = NSTemporaryDirectory() + "faasd-sessions-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let logger = Logger(label: "test")
        let credentials = try Credentials(secretsDirectory: directory)
        let sessions = Sessions(credentials: credentials, logger: logger)
        let password = String(decoding: credentials.password, as: UTF8.self)
        guard case .opened(let token) = await sessions.login(user: "admin", password: password, from: "::1") else {
            Issue.record("the login was refused")
            return
        }
        let path = try #require(credentials.sessionsPath)
        #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o600)
        #expect(await Sessions(credentials: credentials, logger: logger).accepts(token))
        try Data("another".utf8).write(to: URL(fileURLWithPath: Credentials.passwordPath(secretsDirectory: directory)))
        let changed = try Credentials(secretsDirectory: directory)
        #expect(await !Sessions(credentials: changed, logger: logger).accepts(token))
        await sessions.logout(token)
        #expect(await !Sessions(credentials: credentials, logger: logger).accepts(token))
    }

    @Test func aPageIsToldFromAPersonAndAProgram() throws {
        func fields(_ pairs: [(String, String)]) throws -> HTTPFields {
            var fields = HTTPFields()
            for (name, value) in pairs { fields[try #require(HTTPField.Name(name))] = value }
            return fields
        }
        let program = try fields([("User-Agent", "faas-cli")])
        let addressBar = try fields([("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Dest", "document")])
        for headers in [program, addressBar] { #expect(!BasicAuth.isOfAPage(headers)) }
        let pages = [
            [("Origin", "http://elsewhere.example")], [("Origin", "null")], [("Sec-Fetch-Mode", "cors")],
            [("Sec-Fetch-Mode", "no-cors"), ("Sec-Fetch-Dest", "image")],
            [("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Dest", "iframe")],
            [("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Dest", "document"), ("Origin", "http://elsewhere.example")],
        ]
        for pairs in pages { #expect(BasicAuth.isOfAPage(try fields(pairs)), "\(pairs)") }
    }

    @Test func tokensAreReadFromTheHeader() {
        #expect(BasicAuth.bearerToken("Bearer a.b") == "a.b")
        #expect(BasicAuth.bearerToken("bEARER   a.b") == "a.b")
        for header in [nil, "", "Bearer", "Bearer ", "Basic a.b", "Bearer a b"] {
            #expect(BasicAuth.bearerToken(header) == nil)
        }
    }
}
