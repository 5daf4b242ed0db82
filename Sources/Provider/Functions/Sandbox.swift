import Containers
import Foundation

/// What a function may do beyond the default, or may not, as its annotations say.
struct Sandbox: Sendable, Equatable {
    /// Names, with commas between, of capabilities to be given back, such as `NET_BIND_SERVICE`.
    static let capabilities = "com.openfaas.sandbox.capabilities"
    /// A seccomp profile in place of containerd's default: JSON as the OCI runtime specification has it.
    static let seccomp = "com.openfaas.sandbox.seccomp"
    /// `allow` for functions that may read the cloud's metadata service at 169.254.169.254.
    static let metadata = "com.openfaas.sandbox.metadata"
    /// The most processes and threads.
    static let processes = "com.openfaas.sandbox.pids"
    /// The most open files of a process.
    static let openFiles = "com.openfaas.sandbox.nofile"

    /// Those that Docker gives to every container. Anything beyond would be a way to the host.
    static let grantable: Set<String> = [
        "AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE", "NET_RAW",
        "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT",
    ]
    static let processesByDefault = 1024

    let addedCapabilities: [String]
    let seccompProfile: SeccompProfile?
    let mayReadMetadata: Bool
    let pidsLimit: Int
    /// containerd's own default is 1024.
    let openFilesLimit: UInt64?

    /// Reads the annotations.
    ///
    /// - Throws: ``ProviderError`` `invalid`, naming the annotation and the rule.
    init(annotations: [String: String]) throws(ProviderError) {
        addedCapabilities = try Self.checkedCapabilities(annotations[Self.capabilities])
        mayReadMetadata = try Self.checkedMetadata(annotations[Self.metadata])
        pidsLimit = try Self.number(Self.processes, annotations, in: 8...32_768) ?? Self.processesByDefault
        openFilesLimit = try Self.number(Self.openFiles, annotations, in: 64...1_048_576).map(UInt64.init)
        guard let text = annotations[Self.seccomp] else {
            seccompProfile = nil
            return
        }
        do {
            seccompProfile = try SeccompProfile(json: text)
        } catch {
            throw .invalid(field: "annotations", "\(Self.seccomp): \(error.message)")
        }
    }

    /// Whether an unprivileged process may listen on ports below 1024 in its own network namespace. The capability
    /// alone helps root only.
    var mayUseLowPorts: Bool { addedCapabilities.contains("CAP_NET_BIND_SERVICE") }

    private static func checkedCapabilities(_ text: String?) throws(ProviderError) -> [String] {
        var found: Set<String> = []
        for part in (text ?? "").split(separator: ",") {
            var name = part.trimmingCharacters(in: .whitespaces).uppercased()
            if name.hasPrefix("CAP_") { name.removeFirst(4) }
            guard grantable.contains(name) else {
                throw .invalid(
                    field: "annotations",
                    "\(capabilities): \"\(name.prefix(40))\" is not among \(grantable.sorted().joined(separator: ", "))"
                )
            }
            found.insert("CAP_" + name)
        }
        return found.sorted()
    }

    private static func checkedMetadata(_ text: String?) throws(ProviderError) -> Bool {
        switch text {
        case nil, "deny": false
        case "allow": true
        default: throw .invalid(field: "annotations", "\(metadata) must be allow or deny")
        }
    }

    private static func number(
        _ annotation: String, _ annotations: [String: String], in range: ClosedRange<Int>
    ) throws(ProviderError) -> Int? {
        guard let text = annotations[annotation] else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw .invalid(
                field: "annotations",
                "\(annotation) must be a number from \(range.lowerBound) to \(range.upperBound), not \"\(text.prefix(40))\""
            )
        }
        return number
    }
}
