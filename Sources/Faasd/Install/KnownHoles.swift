/// Versions of containerd and runc with known holes through which a function could get at the machine.
///
/// Only what is certain is in the table: the project's own advisories, and the first release of each branch that mends.
struct KnownHoles {
    enum Program: String, Sendable {
        case containerd, runc
    }

    struct Hole: Sendable {
        let program: Program
        let id: String
        let what: String
        /// The first mended release of each branch, the oldest first. A branch that is not here and older than the last
        /// was never mended.
        let mended: [Release]
    }

    /// `MAJOR.MINOR.PATCH`; what follows is a distribution's own.
    struct Release: Sendable, Comparable {
        let major: Int
        let minor: Int
        let patch: Int

        init(_ major: Int, _ minor: Int, _ patch: Int) {
            (self.major, self.minor, self.patch) = (major, minor, patch)
        }

        /// Reads such as `v1.7.24` and `1.1.5+ds1`; `nil` for what does not begin with three numbers.
        init?(_ text: String) {
            let text = text.hasPrefix("v") ? text.dropFirst() : text[...]
            let parts = text.split(separator: ".", maxSplits: 2).map { part in Int(part.prefix(while: \.isWholeNumber))
            }
            guard parts.count == 3, let major = parts[0], let minor = parts[1], let patch = parts[2] else { return nil }
            self.init(major, minor, patch)
        }

        static func < (one: Release, other: Release) -> Bool {
            (one.major, one.minor, one.patch) < (other.major, other.minor, other.patch)
        }

        func isSameBranch(_ other: Release) -> Bool { (major, minor) == (other.major, other.minor) }
    }

    static let all = [
        Hole(
            program: .runc, id: "CVE-2023-27561", what: "an image can have /proc mounted elsewhere",
            mended: [Release(1, 1, 5)]),
        Hole(
            program: .runc, id: "CVE-2024-21626", what: "an image can get at the machine's files by a descriptor",
            mended: [Release(1, 1, 12)]),
        Hole(
            program: .runc, id: "CVE-2025-31133", what: "masked paths can be written",
            mended: [Release(1, 2, 8), Release(1, 3, 3), Release(1, 4, 0)]),
        Hole(
            program: .runc, id: "CVE-2025-52565", what: "/dev/console can be mounted elsewhere",
            mended: [Release(1, 2, 8), Release(1, 3, 3), Release(1, 4, 0)]),
        Hole(
            program: .runc, id: "CVE-2025-52881", what: "writes to /proc can be led elsewhere",
            mended: [Release(1, 2, 8), Release(1, 3, 3), Release(1, 4, 0)]),
        Hole(
            program: .containerd, id: "CVE-2023-25173", what: "supplementary groups are not set up as they should",
            mended: [Release(1, 5, 18), Release(1, 6, 18)]),
        Hole(
            program: .containerd, id: "CVE-2024-40635", what: "an image with a large user number runs as root",
            mended: [Release(1, 6, 38), Release(1, 7, 27), Release(2, 0, 4)]),
        Hole(
            program: .containerd, id: "CVE-2024-25621", what: "local users can read containerd's directories",
            mended: [Release(1, 7, 29), Release(2, 0, 7), Release(2, 1, 5), Release(2, 2, 0)]),
    ]

    /// The holes of a version, as its number tells.
    static func holes(_ program: Program, _ release: Release) -> [Hole] {
        all.filter { hole in
            guard hole.program == program, let last = hole.mended.last, release < last else { return false }
            return !hole.mended.contains { $0.isSameBranch(release) && $0 <= release }
        }
    }

    /// What to say of a version.
    static func finding(_ program: Program, version: String, otherwise: String) -> Finding {
        guard let release = Release(version) else { return .fine("\(program) \(version) \(otherwise)") }
        let holes = holes(program, release)
        guard !holes.isEmpty else { return .fine("\(program) \(version) \(otherwise)") }
        return .warning(
            "\(program) \(version) is older than what mends "
                + holes.map { "\($0.id) (\($0.what))" }.joined(separator: ", "),
            fix: "apt upgrade \(program); a distribution may have mended it under the old number: "
                + "apt changelog \(program)")
    }
}
