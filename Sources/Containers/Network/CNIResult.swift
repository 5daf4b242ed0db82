import FoundationEssentials

/// What a plugin prints: a result when it succeeds, an error when it fails. See the CNI specification, "Result".
struct CNIResult: Decodable {
    struct Interface: Decodable {
        var name: String
        var mac: String?
        var sandbox: String?
    }
    struct Address: Decodable {
        var address: String
        var gateway: String?
        var interface: Int?
    }

    var interfaces: [Interface]?
    var ips: [Address]?

    /// The first IPv4 address of the container.
    ///
    /// - Throws: `networkFailed` when the output is no result or has no address.
    static func attachment(_ output: String, settings: CNISettings) throws(ContainersError) -> NetworkAttachment {
        let result = try read(output)
        for entry in result.ips ?? [] {
            let parts = entry.address.split(separator: "/")
            guard parts.count == 2, let length = Int(parts[1]), settings.subnet.contains(String(parts[0])) else {
                continue
            }
            let inside = result.interfaces?.first { $0.name == settings.interface && !($0.sandbox ?? "").isEmpty }
            return NetworkAttachment(
                address: String(parts[0]), prefixLength: length, gateway: entry.gateway ?? settings.subnet.gateway,
                interface: settings.interface, macAddress: inside?.mac)
        }
        throw ContainersError(
            .networkFailed, "the network plugins gave no address of \(settings.subnet)", details: output)
    }

    /// The container's device as the host has it: the port of the bridge.
    ///
    /// - Throws: `networkFailed` when the output is no result or names none.
    static func hostDevice(_ output: String, settings: CNISettings) throws(ContainersError) -> String {
        let device = try read(output).interfaces?.first { ($0.sandbox ?? "").isEmpty && $0.name != settings.bridge }
        guard let name = device?.name, name.utf8.count <= 15,
            (try? RuntimeNames.checkIdentifier(name, field: "network device")) != nil
        else {
            throw ContainersError(
                .networkFailed, "the network plugins named no device on the host", details: output)
        }
        return name
    }

    private static func read(_ output: String) throws(ContainersError) -> CNIResult {
        do {
            return try JSONDecoder().decode(Self.self, from: Data(output.utf8))
        } catch {
            throw ContainersError(
                .networkFailed, "the result of a network plugin is not as expected", details: output)
        }
    }

    /// Whether a plugin's error says that no address is free. The plugin `host-local` has no code for it.
    static func isOutOfAddresses(_ reason: String) -> Bool { reason.contains("no IP addresses available") }

    /// The sentence in a plugin's error, which it prints on standard output.
    static func errorText(_ output: String) -> String {
        struct Failure: Decodable {
            var msg: String?
            var details: String?
        }
        guard let failure = try? JSONDecoder().decode(Failure.self, from: Data(output.utf8)) else { return output }
        return [failure.msg, failure.details].compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: ": ")
    }
}
