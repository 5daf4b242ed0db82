import Glibc
import Logging
import Testing

@testable import Faasd
@testable import Proxy

/// What the daemon has from systemd, and tells it.
struct SystemdTests {
    private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    @Test func socketsAreTakenByTheirAddress() {
        var sockets = InheritedSockets(listening: [
            .init(host: "10.62.0.1", port: 8080, descriptor: 901), .init(host: "::1", port: 8080, descriptor: 902),
            .init(host: "127.0.0.1", port: 8081, descriptor: 903),
        ])
        let addresses = sockets.addresses([
            Entrance(host: "127.0.0.1", port: 8080), Entrance(host: "0:0:0:0:0:0:0:1", port: 8080),
            Entrance(host: "10.62.0.1", port: 8080, comesLater: true),
        ])
        #expect(
            addresses == [
                ListenAddress(host: "127.0.0.1", port: 8080), .inherited(descriptor: 902), .inherited(descriptor: 901),
            ])
        #expect(sockets.listening.map(\.descriptor) == [903])
    }

    @Test func whatNobodyAskedForIsClosed() {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var sockets = InheritedSockets(listening: [.init(host: "127.0.0.1", port: 1, descriptor: descriptor)])
        sockets.closeRest(logger: logger)
        #expect(fcntl(descriptor, F_GETFD) == -1)
        #expect(sockets.listening.isEmpty)
    }

    @Test func withoutSystemdThereIsNothing() {
        #expect(DescriptorStore() == nil)
        #expect(InheritedSockets.take(logger: logger).listening.isEmpty)
        #expect(!JournalLogHandler.isConnected)
    }

    @Test func linesAboutAFunctionCarryItsName() {
        let fields = JournalLogHandler.fields(
            level: .warning, message: "replica did not start",
            metadata: ["function": "echo.tests", "replica": "echo-1", "error": "no\nspace"])
        #expect(
            fields == [
                "MESSAGE=replica did not start error=no\nspace function=echo.tests replica=echo-1", "PRIORITY=4",
                "SYSLOG_IDENTIFIER=faasd", "FAASD_FUNCTION=echo", "FAASD_NAMESPACE=tests", "FAASD_REPLICA=echo-1",
            ])
        let other = JournalLogHandler.fields(level: .info, message: "listening", metadata: [:])
        #expect(other == ["MESSAGE=listening", "PRIORITY=6", "SYSLOG_IDENTIFIER=faasd"])
    }
}
