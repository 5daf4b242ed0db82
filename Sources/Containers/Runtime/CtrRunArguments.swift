/// A specification as the arguments of `ctr run`.
struct CtrRunArguments {
    /// The capabilities that `ctr` grants by default, as the recorded record of a container shows.
    static let defaultCapabilities = [
        "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FSETID", "CAP_FOWNER", "CAP_MKNOD", "CAP_NET_RAW", "CAP_SETGID",
        "CAP_SETUID", "CAP_SETFCAP", "CAP_SETPCAP", "CAP_NET_BIND_SERVICE", "CAP_SYS_CHROOT", "CAP_KILL",
        "CAP_AUDIT_WRITE",
    ]

    /// The longest line of an environment file: `ctr` reads it with a scanner that stops at 64 KiB.
    private static let maximumFileLine = 60 << 10

    let spec: ContainerSpec
    /// Marks the container as made by this call, so that a failed call undoes only what it did itself.
    let tokenLabel: (key: String, value: String)
    let environmentFile: String
    let pidFile: String
    /// `ctr` reads it while it makes the container; the container's record holds what was read.
    let seccompFile: String
    let snapshotterOptions: [String]

    /// The text of the environment file. What is in it is hidden from other users, unlike arguments.
    var environmentFileText: String {
        spec.environment.filter(Self.fitsFile).map { "\($0.name)=\($0.value)\n" }.joined()
    }

    /// The arguments after the global options.
    var arguments: [String] {
        var list = ["run", "--detach", "--pid-file", pidFile] + snapshotterOptions
        list += ["--env-file", environmentFile]
        for variable in spec.environment where !Self.fitsFile(variable) {
            list += ["--env", "\(variable.name)=\(variable.value)"]
        }
        for (key, value) in spec.labels.sorted(by: { $0.key < $1.key }) + [tokenLabel] {
            list += ["--label", "\(key)=\(value)"]
        }
        for mount in spec.mounts { list += ["--mount", Self.option(mount)] }
        list += limits + confinement
        if let path = spec.networkNamespacePath { list += ["--with-ns", "network:\(path)"] }
        if let directory = spec.workingDirectory { list += ["--cwd", directory] }
        list += spec.task.outputOptions
        return list + [spec.image, spec.id] + (spec.arguments ?? [])
    }

    private var limits: [String] {
        var list: [String] = []
        if let bytes = spec.memoryLimitBytes { list += ["--memory-limit", String(bytes)] }
        if let cpus = spec.cpus { list += ["--cpus", Self.decimal(cpus)] }
        if let shares = spec.cpuShares { list += ["--cpu-shares", String(shares)] }
        return list
    }

    /// `ctr` adds capabilities first and drops after, so one that is to stay is left out of what is dropped.
    private var confinement: [String] {
        var list: [String] = []
        for name in spec.addCapabilities where !Self.defaultCapabilities.contains(name) {
            list += ["--cap-add", name]
        }
        if spec.dropAllCapabilities {
            for name in Self.defaultCapabilities where !spec.addCapabilities.contains(name) {
                list += ["--cap-drop", name]
            }
        }
        if spec.seccomp { list.append("--seccomp") }
        if spec.seccompProfile != nil { list += ["--seccomp-profile", seccompFile] }
        if spec.readOnlyRootFilesystem { list.append("--read-only") }
        return list
    }

    /// A line of the file cannot hold a line feed, loses a carriage return at its end, and is a comment after `#`.
    private static func fitsFile(_ variable: ContainerSpec.Variable) -> Bool {
        let length = variable.name.utf8.count + variable.value.utf8.count
        return length <= maximumFileLine && !variable.name.hasPrefix("#")
            && !variable.value.utf8.contains { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }
    }

    /// `ctr` reads a mount as one record of comma-separated values, so a path with a comma or a quote is quoted.
    private static func option(_ mount: Mount) -> String {
        let destination = field("dst=\(mount.destination)")
        switch mount.source {
        case .bind(let source):
            let access = mount.readOnly ? "ro" : "rw"
            return "type=bind,\(field("src=\(source)")),\(destination),options=rbind:nosuid:nodev:\(access)"
        case .tmpfs(let bytes):
            let access = mount.readOnly ? ":ro" : ""
            return "type=tmpfs,src=tmpfs,\(destination),options=nosuid:nodev:mode=1777:size=\(bytes)\(access)"
        }
    }

    private static func field(_ text: String) -> String {
        guard text.contains(",") || text.contains("\"") else { return text }
        return "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }

    /// A number of CPUs in thousandths: never an exponent, which `ctr` would read but nobody else.
    private static func decimal(_ cpus: Double) -> String {
        let thousandths = Int((cpus * 1000).rounded())
        let fraction = String(thousandths % 1000)
        return "\(thousandths / 1000)." + String(repeating: "0", count: 3 - fraction.count) + fraction
    }
}
