import Databases
import Foundation
import GRDB
import NIOCore
import NIOPosix
import Testing

@testable import Faasd

/// What an upgrade keeps, and puts back.
struct UpgradeTests {
    private func write(_ text: String, _ path: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    }

    private func text(_ path: String) -> String? {
        FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
    }

    @Test func filesComeBackAsTheyWere() throws {
        try withTemporaryDirectory { directory in
            let (program, unit, socket) = (directory + "/faasd", directory + "/a.service", directory + "/a.socket")
            try write("old program", program)
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program)
            try write("old unit", unit)
            let saved = SavedVersion(directory: directory + "/previous", dataDirectory: directory)
            try saved.save([program, unit, socket])
            try write("new program", program)
            try write("new unit", unit)
            try write("new socket", socket)
            #expect(try saved.restore(socketUnit: socket))
            #expect(text(program) == "old program" && text(unit) == "old unit")
            #expect(!FileManager.default.fileExists(atPath: socket))
            let attributes = try FileManager.default.attributesOfItem(atPath: program)
            #expect(attributes[.posixPermissions] as? Int == 0o755)
            #expect(try !saved.restore(socketUnit: socket))
        }
    }

    @Test func aDatabaseIsKeptBeforeItsShapeChangesAndComesBack() throws {
        try withTemporaryDirectory { directory in
            let path = directory + "/faasd.db"
            var migrator = DatabaseMigrator()
            migrator.registerMigration("one") { try $0.execute(sql: "CREATE TABLE a (x); INSERT INTO a VALUES (1)") }
            func open(_ migrator: DatabaseMigrator) throws -> DatabaseQueue {
                var configuration = Configuration()
                configuration.journalMode = .wal
                let database = try DatabaseQueue(path: path, configuration: configuration)
                try KeptMigration.migrate(database, with: migrator, path: path)
                return database
            }
            try open(migrator).close()
            try open(migrator).close()
            #expect(!FileManager.default.fileExists(atPath: path + KeptMigration.suffix))
            migrator.registerMigration("two") { try $0.execute(sql: "ALTER TABLE a ADD COLUMN y; UPDATE a SET x = 2") }
            // Not closed: what is left of it must not be read into the one that comes back.
            let newer = try open(migrator)
            let attributes = try FileManager.default.attributesOfItem(atPath: path + KeptMigration.suffix)
            #expect(attributes[.posixPermissions] as? Int == 0o600)
            let saved = SavedVersion(directory: directory + "/previous", dataDirectory: directory)
            #expect(try saved.restoreDatabases() == [path])
            let older = try DatabaseQueue(path: path)
            #expect(try older.read { try Int.fetchOne($0, sql: "SELECT x FROM a") } == 1)
            #expect(try older.read { try $0.columns(in: "a").map(\.name) } == ["x"])
            #expect(try saved.restoreDatabases().isEmpty)
            try older.close()
            try newer.close()
        }
    }

    @Test func oldCopiesOfDatabasesAreForgotten() throws {
        try withTemporaryDirectory { directory in
            try write("x", directory + "/queue.db" + KeptMigration.suffix)
            try write("x", directory + "/queue.db")
            let saved = SavedVersion(directory: directory + "/previous", dataDirectory: directory)
            try saved.forgetDatabases()
            #expect(try saved.restoreDatabases().isEmpty)
            #expect(text(directory + "/queue.db") == "x")
        }
    }

    @Test func aVersionIsReadFromWhatTheProgramSays() {
        #expect(
            Candidate.version(in: "faasd 1.2.3\tcommit: 0123456789abcdef\nlibseccomp 2.5\n")
                == "faasd 1.2.3 (0123456789ab)")
        #expect(Candidate.version(in: "something else\n") == nil)
    }

    @Test(arguments: [("HTTP/1.1 200 OK\r\n\r\n", true), ("HTTP/1.1 503 no\r\n\r\n", false), ("", false)])
    func healthIsAnAnswer200(answer: String, isHealthy: Bool) async throws {
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Answer(text: answer))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let port = listener.localAddress?.port ?? 0
        let probe = HealthProbe([Configuration.Endpoint(host: "0.0.0.0", port: port)])
        #expect(probe.host == "127.0.0.1")
        #expect(await probe.answers() == isHealthy)
        try await listener.close()
        #expect(await !probe.answers())
    }

    /// Says the same to whatever it is asked, and closes.
    private final class Answer: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        let text: String

        init(text: String) {
            self.text = text
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
            context.close(promise: nil)
        }
    }
}
