import CSeccomp

/// What this machine can do to narrow the system calls of a container.
public enum Seccomp {
    /// Whether the kernel takes filters of system calls.
    ///
    /// libseccomp tries the kernel out and gives a level; from 2 on the kernel has the `seccomp` call with filters.
    public static var isFilterSupported: Bool { seccomp_api_get() >= 2 }

    /// The version of libseccomp in use, such as `2.5.4`.
    public static var version: String {
        guard let version = seccomp_version() else { return "unknown" }
        return "\(version.pointee.major).\(version.pointee.minor).\(version.pointee.micro)"
    }
}
