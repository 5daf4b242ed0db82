/// The JSON of a seccomp profile: `LinuxSeccomp` of the OCI runtime specification.
struct SeccompDocument: Codable, Sendable, Equatable {
    /// What happens to a system call. `SCMP_ACT_TRACE` and `SCMP_ACT_NOTIFY` are left out: they hand the decision to a
    /// program that nobody runs here.
    enum Action: String, Codable, Sendable {
        case kill = "SCMP_ACT_KILL"
        case killProcess = "SCMP_ACT_KILL_PROCESS"
        case killThread = "SCMP_ACT_KILL_THREAD"
        case trap = "SCMP_ACT_TRAP"
        case errno = "SCMP_ACT_ERRNO"
        case log = "SCMP_ACT_LOG"
        case allow = "SCMP_ACT_ALLOW"
    }

    enum Comparison: String, Codable, Sendable {
        case notEqual = "SCMP_CMP_NE"
        case less = "SCMP_CMP_LT"
        case lessOrEqual = "SCMP_CMP_LE"
        case equal = "SCMP_CMP_EQ"
        case greaterOrEqual = "SCMP_CMP_GE"
        case greater = "SCMP_CMP_GT"
        case maskedEqual = "SCMP_CMP_MASKED_EQ"
    }

    /// A condition on one argument of the call.
    struct Argument: Codable, Sendable, Equatable {
        var index: UInt
        var value: UInt64
        var valueTwo: UInt64?
        var op: Comparison

        static let members: Set<String> = ["index", "value", "valueTwo", "op"]
    }

    struct Rule: Codable, Sendable, Equatable {
        var names: [String]
        var action: Action
        var errnoRet: UInt?
        var args: [Argument]?

        static let members: Set<String> = ["names", "action", "errnoRet", "args", "comment", "includes", "excludes"]
    }

    var defaultAction: Action
    var defaultErrnoRet: UInt?
    var architectures: [String]?
    var syscalls: [Rule]?

    static let members: Set<String> = ["defaultAction", "defaultErrnoRet", "architectures", "syscalls"]

    var rules: [Rule] { syscalls ?? [] }

    /// SCMP_ARCH_* of the OCI runtime specification.
    private static let knownArchitectures: Set<String> = Set(
        [
            "X86", "X86_64", "X32", "ARM", "AARCH64", "MIPS", "MIPS64", "MIPS64N32", "MIPSEL", "MIPSEL64",
            "MIPSEL64N32", "PPC", "PPC64", "PPC64LE", "S390", "S390X", "PARISC", "PARISC64", "RISCV64",
        ].map { "SCMP_ARCH_\($0)" })
    /// The kernel's largest error number (MAX_ERRNO of linux/err.h).
    private static let maximumErrno: UInt = 4095
    /// A system call has at most six arguments.
    private static let maximumIndex: UInt = 5

    /// Checks what the types do not.
    func check() throws(ContainersError) {
        for name in architectures ?? [] where !Self.knownArchitectures.contains(name) {
            throw SeccompProfile.refusal("names the unknown architecture \"\(BoundedText.shown(name))\"")
        }
        try Self.check(errno: defaultErrnoRet, with: defaultAction)
        for rule in rules {
            guard !rule.names.isEmpty else { throw SeccompProfile.refusal("has a rule without names") }
            try Self.check(errno: rule.errnoRet, with: rule.action)
            for argument in rule.args ?? [] where argument.index > Self.maximumIndex {
                throw SeccompProfile.refusal("has a rule about argument \(argument.index); the last is 5")
            }
        }
    }

    private static func check(errno: UInt?, with action: Action) throws(ContainersError) {
        guard let errno else { return }
        guard action == .errno, errno <= maximumErrno else {
            throw SeccompProfile.refusal(
                "may have an error number only with SCMP_ACT_ERRNO, and of at most \(maximumErrno)")
        }
    }
}

/// Reading, with nothing passed over.
extension SeccompDocument {
    init(from decoder: any Decoder) throws {
        try StrictMembers.check(decoder, Self.members)
        let values = try decoder.container(keyedBy: CodingKeys.self)
        defaultAction = try StrictMembers.action(values, .defaultAction)
        defaultErrnoRet = try values.decodeIfPresent(UInt.self, forKey: .defaultErrnoRet)
        architectures = try values.decodeIfPresent([String].self, forKey: .architectures)
        syscalls = try values.decodeIfPresent([Rule].self, forKey: .syscalls)
    }
}

extension SeccompDocument.Rule {
    private enum Conditions: String, CodingKey { case includes, excludes }

    init(from decoder: any Decoder) throws {
        try StrictMembers.check(decoder, Self.members)
        let conditions = try decoder.container(keyedBy: Conditions.self)
        for key in conditions.allKeys {
            // Docker writes them empty where there is no condition.
            guard try conditions.nestedContainer(keyedBy: AnyKey.self, forKey: key).allKeys.isEmpty else {
                throw SeccompProfile.refusal("has a rule with \"\(key.rawValue)\", which only Docker decides")
            }
        }
        let values = try decoder.container(keyedBy: CodingKeys.self)
        names = try values.decode([String].self, forKey: .names)
        action = try StrictMembers.action(values, .action)
        errnoRet = try values.decodeIfPresent(UInt.self, forKey: .errnoRet)
        args = try values.decodeIfPresent([SeccompDocument.Argument].self, forKey: .args)
    }
}

extension SeccompDocument.Argument {
    init(from decoder: any Decoder) throws {
        try StrictMembers.check(decoder, Self.members)
        let values = try decoder.container(keyedBy: CodingKeys.self)
        index = try values.decode(UInt.self, forKey: .index)
        value = try values.decode(UInt64.self, forKey: .value)
        valueTwo = try values.decodeIfPresent(UInt64.self, forKey: .valueTwo)
        op = try values.decode(SeccompDocument.Comparison.self, forKey: .op)
    }
}

private struct AnyKey: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }

    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}

private enum StrictMembers {
    static func check(_ decoder: any Decoder, _ known: Set<String>) throws {
        let names = try decoder.container(keyedBy: AnyKey.self).allKeys.map(\.stringValue)
        guard let unknown = names.filter({ !known.contains($0) }).min() else { return }
        throw SeccompProfile.refusal("has \"\(BoundedText.shown(unknown))\", which is not known here")
    }

    static func action<Key: CodingKey>(
        _ values: KeyedDecodingContainer<Key>, _ key: Key
    ) throws -> SeccompDocument.Action {
        let name = try values.decode(String.self, forKey: key)
        guard let action = SeccompDocument.Action(rawValue: name) else {
            let reason =
                name == "SCMP_ACT_TRACE" || name == "SCMP_ACT_NOTIFY"
                ? "for which nobody listens here" : "which is not known"
            throw SeccompProfile.refusal("has the action \"\(BoundedText.shown(name))\", \(reason)")
        }
        return action
    }
}
