/// The operator's commands for a test's own daemon.
extension Daemon {
    /// Runs a command of `faasd` with the settings of this daemon.
    ///
    /// - Parameter arguments: the command and its own arguments.
    public nonisolated func faasd(_ arguments: String...) async throws -> Shell.Outcome {
        try await Shell.run(environment.faasd, arguments + settings + gatewayAddresses)
    }
}

/// The services of a test's own daemon.
extension Daemon {
    private nonisolated var serviceNamespace: [String] {
        ["--address", environment.containerd, "--namespace", namespacePrefix + "openfaas"]
    }

    /// Imports an archive of `hack/base-images` into the namespace of the services.
    public nonisolated func importServiceImage(_ name: String) async throws {
        try await Shell.must("ctr", serviceNamespace + ["images", "import", "\(environment.images)/\(name).tar"])
    }

    /// The containers of services.
    public nonisolated func serviceContainers() async throws -> [String] {
        try await Shell.must("ctr", serviceNamespace + ["containers", "ls", "-q"])
            .split(separator: "\n").map(String.init).sorted()
    }
}
