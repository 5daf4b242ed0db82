import Foundation

/// What `hack/test` lays out for the tests that need a machine.
public struct TestEnvironment: Sendable {
    /// The socket of a containerd that is the tests' own.
    public internal(set) var containerd: String
    /// The directory of the archives that `hack/base-images` makes.
    public let images: String
    /// The built daemon.
    public let faasd: String
    /// The built watchdog.
    public let fwatchdog: String
    /// The program that holds an OpenAPI document against a server.
    public let schemathesis: String
    /// The directory of `prometheus` and `promtool`.
    public let prometheus: String
    /// The directory of `prometheus-alertmanager` and `amtool`.
    public let alertmanager: String
    /// A Python that drives a browser.
    public let browser: String

    /// Reads the variables.
    ///
    /// - Throws: an error that tells how to run the tests; a test that needs a machine fails without one, it
    ///   never passes by being skipped.
    public init() throws {
        let environment = ProcessInfo.processInfo.environment
        func value(_ name: String) throws -> String {
            guard let value = environment[name], !value.isEmpty else {
                throw TestFailure("\(name) is not set: run the tests with `sudo hack/test`")
            }
            return value
        }
        containerd = try value("FAASD_TEST_CONTAINERD")
        images = try value("FAASD_TEST_IMAGES")
        faasd = try value("FAASD_TEST_BINARY")
        fwatchdog = try value("FAASD_TEST_FWATCHDOG")
        schemathesis = try value("FAASD_TEST_SCHEMATHESIS")
        prometheus = try value("FAASD_TEST_PROMETHEUS")
        alertmanager = try value("FAASD_TEST_ALERTMANAGER")
        browser = try value("FAASD_TEST_BROWSER")
        guard geteuid() == 0 else { throw TestFailure("the integration tests need root: run `sudo hack/test`") }
    }
}

/// A test cannot go on.
public struct TestFailure: Error, CustomStringConvertible {
    /// Why.
    public let description: String

    /// Makes a failure.
    public init(_ description: String) {
        self.description = description
    }
}
