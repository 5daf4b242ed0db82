import Containers
import Foundation
import Gateway
import NATS
import Proxy
import Queue
import Testing

@testable import Faasd

struct ConfigurationTests {
    private func configuration(
        flags: [Setting: String] = [:], environment: [String: String] = [:]
    ) throws -> Configuration {
        // A data directory without a file, so that no file of this machine is read.
        let base: [Setting: String] = [.dataDir: "/nonexistent/faasd"]
        return try Configuration(
            SettingValues(flags: base.merging(flags) { $1 }, environment: environment, file: nil))
    }

    private func message(_ flags: [Setting: String]) -> String {
        do {
            _ = try configuration(flags: flags)
            return "accepted"
        } catch {
            return "\(error)"
        }
    }

    @Test func defaultsHold() throws {
        let configuration = try configuration()
        #expect(configuration.listen == [.init(host: "127.0.0.1", port: 8080)])
        #expect(configuration.network.bridge == "openfaas0")
        #expect(configuration.network.subnet.description == "10.62.0.0/16")
        #expect(configuration.stopGrace == .seconds(10))
        #expect(configuration.registryConfig == "/nonexistent/faasd/.docker/config.json")
        #expect(configuration.watchdogPath.hasSuffix("/fwatchdog"))
        #expect(configuration.metricsListen.isEmpty && configuration.accessLog == nil)
        #expect(configuration.limits.upstreamTimeout == .seconds(60) && configuration.limits.maxBodyBytes == nil)
    }

    @Test func limitsOnCallsAreRead() throws {
        let configuration = try configuration(flags: [
            .upstreamTimeout: "2m", .readTimeout: "30", .writeTimeout: "500ms", .idleTimeout: "1h",
            .maxBodyBytes: "1048576", .accessLog: "/var/log/faasd/access.log", .metricsListen: "127.0.0.1:8082",
        ])
        let limits = configuration.limits
        #expect(limits.upstreamTimeout == .seconds(120) && limits.readTimeout == .seconds(30))
        #expect(limits.writeTimeout == .milliseconds(500) && limits.idleTimeout == .seconds(3600))
        #expect(limits.maxBodyBytes == 1_048_576)
        #expect(configuration.accessLog == "/var/log/faasd/access.log")
        #expect(configuration.metricsListen == [.init(host: "127.0.0.1", port: 8082)])
        #expect(try self.configuration(flags: [.accessLog: "-"]).accessLog == "-")
    }

    @Test func settingsOfTriggersAreRead() throws {
        let usual = try configuration().triggers
        #expect(usual.cronPrewake == .seconds(1) && usual.dropFolder == nil && usual.dropKeep == .seconds(86_400))
        let own = try configuration(flags: [.cronPrewake: "0", .dropFolder: "/srv/drop/", .dropKeep: "0"]).triggers
        #expect(own.cronPrewake == .zero && own.dropFolder == "/srv/drop" && own.dropKeep == .zero)
        #expect(usual.natsServer == nil)
        let url = "nats://me:secret@broker:4223"
        let server = try configuration(flags: [.natsTopics: "true", .natsURL: url]).triggers.natsServer
        #expect(server?.description == "nats://broker:4223")
        #expect(message([.natsTopics: "true", .natsURL: "http://me:secret@broker"]).contains("nats-url"))
        #expect(!message([.natsTopics: "true", .natsURL: "http://me:secret@broker"]).contains("secret"))
        #expect(message([.cronPrewake: "11m"]).contains("at most 10m"))
        #expect(message([.dropFolder: "drop"]).contains("absolute path"))
        #expect(message([.dropKeep: "soon"]).contains("a time such as"))
    }

    @Test func settingsOfAsynchronousCallsAreRead() throws {
        let usual = try configuration()
        #expect(usual.asyncCalls.bodyBytes == 1 << 20 && usual.asyncCalls.dispatch.concurrency == 32)
        #expect(!usual.asyncCalls.allowsPrivateCallbacks && usual.queueLimits.calls == 100_000)
        #expect(usual.queueLimits.deadRetention == .seconds(7 * 24 * 3600))
        let own = try configuration(flags: [
            .asyncConcurrency: "4", .asyncQueues: "slow=2, reports=1", .asyncMaxCalls: "10", .asyncRetention: "5m",
            .asyncAllowPrivateCallbacks: "true", .asyncMaxBodyBytes: "2000", .maxBodyBytes: "1000",
        ])
        #expect(own.asyncCalls.dispatch.queueConcurrency == ["slow": 2, "reports": 1])
        #expect(own.asyncCalls.dispatch.concurrency == 4 && own.asyncCalls.allowsPrivateCallbacks)
        // No longer than what the function may be sent.
        #expect(own.asyncCalls.bodyBytes == 1000)
        #expect(own.queueLimits.calls == 10 && own.queueLimits.retention == .seconds(300))
    }

    @Test func whatKeepsCallsIsRead() throws {
        #expect(try configuration().queueStore == .sqlite)
        let local = try configuration(flags: [.asyncStore: "nats"])
        #expect(try local.queueStore == .nats(NATSServer(url: "nats://127.0.0.1:4222")))
        let own = try configuration(flags: [.asyncStore: "nats", .natsURL: "nats://me:s3cret@h:1"])
        #expect("\(own.queueStore)".contains("nats://h:1") && !"\(own)".contains("s3cret"))
        #expect(message([.asyncStore: "redis"]).contains("FAASD_ASYNC_STORE"))
        let bad = message([.asyncStore: "nats", .natsURL: "http://me:s3cret@h"])
        #expect(bad.contains("FAASD_NATS_URL") && !bad.contains("s3cret"))
    }

    @Test func flagsWinOverVariables() throws {
        let environment = ["FAASD_LISTEN": "127.0.0.1:1", "FAASD_BRIDGE": "br9"]
        let configuration = try configuration(flags: [.listen: "[::1]:2, :3"], environment: environment)
        #expect(configuration.listen == [.init(host: "::1", port: 2), .init(host: "0.0.0.0", port: 3)])
        #expect(configuration.network.bridge == "br9")
    }

    @Test func aCommandMayHaveItsOwnDefault() throws {
        let none: [Setting: String] = [.dataDir: "/nonexistent/faasd"]
        let defaults: [Setting: String] = [.listen: "127.0.0.1:8081"]
        let own = try SettingValues(flags: none, environment: [:], file: nil, defaults: defaults)
        #expect(own[.listen] == "127.0.0.1:8081")
        let given = try SettingValues(
            flags: none, environment: ["FAASD_LISTEN": "127.0.0.1:1"], file: nil, defaults: defaults)
        #expect(given[.listen] == "127.0.0.1:1")
    }

    @Test func theProviderOfAGatewayIsRead() throws {
        #expect(try configuration().providerAddress == nil)
        let configuration = try configuration(flags: [
            .providerURL: "http://127.0.0.1:8081/", .providerCredentialsDir: "/etc/provider/",
        ])
        #expect(configuration.providerAddress?.description == "http://127.0.0.1:8081")
        #expect(configuration.providerCredentialsDirectory == "/etc/provider")
    }

    @Test func everySettingHasAVariable() {
        #expect(Setting.cniBinDir.variable == "FAASD_CNI_BIN_DIR")
        #expect(Set(Setting.allCases.map(\.variable)).count == Setting.allCases.count)
    }

    @Test func badSettingsAreNamed() {
        #expect(message([.listen: "8080"]).contains("FAASD_LISTEN"))
        #expect(message([.listen: "x:99999"]).contains("FAASD_LISTEN"))
        #expect(message([.listen: ""]).contains("listen"))
        #expect(message([.bridge: "a-bridge-too-far-away"]).contains("FAASD_BRIDGE"))
        #expect(message([.bridge: "a/b"]).contains("FAASD_BRIDGE"))
        #expect(message([.subnet: "10.0.0.0"]).contains("FAASD_SUBNET"))
        #expect(message([.dataDir: "relative"]).contains("FAASD_DATA_DIR"))
        #expect(message([.runDir: "/a,b"]).contains("FAASD_RUN_DIR"))
        #expect(message([.stopGrace: "soon"]).contains("FAASD_STOP_GRACE"))
        #expect(message([.imagePullPolicy: "Never"]).contains("FAASD_IMAGE_PULL_POLICY"))
        #expect(message([.logLevel: "loud"]).contains("FAASD_LOG_LEVEL"))
        #expect(message([.providerURL: "https://h"]).contains("FAASD_PROVIDER_URL"))
        #expect(message([.providerURL: "h:1"]).contains("FAASD_PROVIDER_URL"))
        #expect(message([.providerCredentialsDir: "x"]).contains("FAASD_PROVIDER_CREDENTIALS_DIR"))
        #expect(message([.metricsListen: "8082"]).contains("FAASD_METRICS_LISTEN"))
        #expect(message([.upstreamTimeout: "0"]).contains("FAASD_UPSTREAM_TIMEOUT"))
        #expect(message([.readTimeout: "soon"]).contains("FAASD_READ_TIMEOUT"))
        #expect(message([.watchdogSocket: "yes"]).contains("FAASD_WATCHDOG_SOCKET"))
        #expect(message([.maxBodyBytes: "-1"]).contains("FAASD_MAX_BODY_BYTES"))
        #expect(message([.maxBodyBytes: "1M"]).contains("FAASD_MAX_BODY_BYTES"))
        #expect(message([.asyncConcurrency: "0"]).contains("FAASD_ASYNC_CONCURRENCY"))
        #expect(message([.asyncQueues: "slow"]).contains("FAASD_ASYNC_QUEUES"))
        #expect(message([.asyncMaxBodyBytes: "1M"]).contains("FAASD_ASYNC_MAX_BODY_BYTES"))
        #expect(message([.asyncAllowPrivateCallbacks: "yes"]).contains("FAASD_ASYNC_ALLOW_PRIVATE_CALLBACKS"))
        #expect(message([.accessLog: "access.log"]).contains("FAASD_ACCESS_LOG"))
        #expect(message([.namespacePrefix: "Upper-"]).contains("FAASD_NAMESPACE_PREFIX"))
    }

    @Test func theFileIsRead() throws {
        let values = try SettingValues.parse(
            "listen: [127.0.0.1:1, 127.0.0.1:2]\nstop-grace: 3s\n", path: "config.yaml")
        #expect(values == [.listen: "127.0.0.1:1,127.0.0.1:2", .stopGrace: "3s"])
        #expect(try SettingValues.parse("", path: "config.yaml").isEmpty)
    }

    @Test func anUnknownKeyIsNamedWithItsLine() {
        let error = #expect(throws: SettingError.self) {
            try SettingValues.parse("bridge: br0\nlisen: x\n", path: "/etc/c.yaml")
        }
        #expect(error?.description.hasPrefix("configuration file /etc/c.yaml: line 2: unknown key \"lisen\"") == true)
        #expect(throws: SettingError.self) { try SettingValues.parse("- a\n", path: "c") }
        #expect(throws: SettingError.self) { try SettingValues.parse("bridge: {a: b}\n", path: "c") }
        #expect(throws: SettingError.self) { try SettingValues.parse("a: [\n", path: "c") }
    }

    @Test func aNamedFileMustExist() {
        #expect(throws: SettingError.self) {
            try SettingValues(flags: [:], environment: [:], file: "/nonexistent/config.yaml")
        }
    }
}
