import OpenFaaSAPI

/// The rule for environment variables and the function's command.
enum EnvironmentRule {
    /// The most bytes of all names and values together; the kernel allows little more for a process.
    static let maximumBytes = 512 * 1024
    /// The most bytes of one variable: Linux's MAX_ARG_STRLEN is 128 KiB with the terminating zero.
    static let maximumEntryBytes = 128 * 1024 - 1

    static func check(_ deployment: FunctionDeployment) throws(ProviderError) {
        var total = 0
        for (name, value) in deployment.envVars ?? [:] {
            guard !name.isEmpty, name.utf8.allSatisfy({ $0 > 0x20 && $0 != UInt8(ascii: "=") && $0 < 0x7f }) else {
                throw .invalid(
                    field: "envVars", "the name \"\(name.prefix(80))\" must be printable ASCII without spaces and '='")
            }
            guard !value.utf8.contains(0) else {
                throw .invalid(field: "envVars", "the value of \"\(name)\" must not contain a zero byte")
            }
            guard name.utf8.count + value.utf8.count + 1 <= maximumEntryBytes else {
                throw .invalid(field: "envVars", "\"\(name)\" is longer than \(maximumEntryBytes) bytes")
            }
            total += name.utf8.count + value.utf8.count + 2
        }
        guard total <= maximumBytes else {
            throw .invalid(field: "envVars", "all variables together must not be longer than \(maximumBytes) bytes")
        }
        guard let process = deployment.envProcess else { return }
        guard !process.utf8.contains(where: { $0 < 0x20 }), process.utf8.count <= 4096 else {
            throw .invalid(field: "envProcess", "it must be one line of at most 4096 bytes")
        }
    }
}

/// The rule for labels and annotations, containerd's for the former (`containerd/labels`: 4096 bytes).
enum MetadataRule {
    static let maximumEntryBytes = 4096
    static let maximumLabelCount = 256
    static let maximumAnnotationBytes = 256 * 1024

    static func check(_ values: [String: String], field: String) throws(ProviderError) {
        guard values.count <= maximumLabelCount else {
            throw .invalid(field: field, "there must be at most \(maximumLabelCount) of them")
        }
        let entryLimit = field == "labels" ? maximumEntryBytes : maximumAnnotationBytes
        for (key, value) in values {
            guard !key.isEmpty, !key.utf8.contains(where: { $0 < 0x20 }) else {
                throw .invalid(field: field, "a key must be text of one line, not \"\(key.prefix(80))\"")
            }
            guard key.utf8.count + value.utf8.count <= entryLimit else {
                throw .invalid(
                    field: field, "key and value of \"\(key.prefix(80))\" are longer than \(entryLimit) bytes together")
            }
        }
    }
}

/// The rule for the name of a secret, which becomes a file's name.
enum SecretRule {
    static func isName(_ name: String) -> Bool {
        let allowed = name.utf8.allSatisfy {
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
                || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) || [UInt8(ascii: "."), 0x2d, 0x5f].contains($0)
        }
        return (1...253).contains(name.utf8.count) && allowed && !name.hasPrefix(".") && !name.contains("..")
    }

    static func check(_ name: String) throws(ProviderError) {
        guard isName(name) else {
            throw .invalid(
                field: "secrets",
                "the name \"\(name.prefix(80))\" must be 1 to 253 letters, digits, '.', '-' or '_', "
                    + "not begin with '.' and not contain '..'")
        }
    }
}

/// The rule for `limits` and `requests`.
enum ResourceRule {
    /// Below this the runtime itself cannot start a process.
    static let minimumMemoryBytes: Int64 = 4 * 1024 * 1024
    /// The kernel's shortest CFS quota is 1 ms, of a period of 100 ms.
    static let minimumCPUs = 0.01

    static func check(
        _ resources: FunctionResources?, field: String
    ) throws(ProviderError) -> (memoryBytes: Int64?, cpus: Double?) {
        (try memory(resources?.memory, field: field), try cpus(resources?.cpu, field: field))
    }

    private static func memory(_ text: String?, field: String) throws(ProviderError) -> Int64? {
        guard let text, !text.isEmpty else { return nil }
        guard let quantity = Quantity(text) else {
            throw .invalid(field: "\(field).memory", "\"\(text.prefix(80))\" is not a quantity such as 128Mi or 1Gi")
        }
        guard quantity.roundedUp >= minimumMemoryBytes else {
            throw .invalid(field: "\(field).memory", "\(text) is less than 4Mi, with which no process can start")
        }
        return quantity.roundedUp
    }

    private static func cpus(_ text: String?, field: String) throws(ProviderError) -> Double? {
        guard let text, !text.isEmpty else { return nil }
        guard let quantity = Quantity(text), quantity.thousandths > 0, quantity.thousandths <= 1_000_000 else {
            throw .invalid(field: "\(field).cpu", "\"\(text.prefix(80))\" is not a number of cores such as 100m or 0.5")
        }
        return max(Double(quantity.thousandths) / 1000, minimumCPUs)
    }
}
