import Foundation
import Testing

@testable import Containers

@Suite struct SeccompProfileTests {
    @Test func everything() throws {
        let text = """
            {"defaultAction":"SCMP_ACT_ERRNO","defaultErrnoRet":38,"architectures":["SCMP_ARCH_X86_64","SCMP_ARCH_X32"],
            "syscalls":[{"names":["read","write","arm_fadvise64_64"],"action":"SCMP_ACT_ALLOW","comment":"x","args":[],
            "includes":{},"excludes":{}},
            {"names":["personality"],"action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":18446744073709551615,
            "valueTwo":8,"op":"SCMP_CMP_MASKED_EQ"}]},{"names":["clone3"],"action":"SCMP_ACT_ERRNO","errnoRet":38}]}
            """
        let profile = try SeccompProfile(json: text)
        #expect(profile.defaultAction == "SCMP_ACT_ERRNO")
        #expect(profile.document.rules.count == 3)
        #expect(profile.document.rules[1].args?.first?.value == .max)
        // Only what is known goes on, and it goes on as it was.
        let written = try profile.json()
        #expect(!written.contains("comment") && !written.contains("includes"))
        #expect(written.contains("18446744073709551615"))
        #expect(try SeccompProfile(json: written) == profile)
        let object = try #require(try JSONSerialization.jsonObject(with: Data(written.utf8)) as? [String: Any])
        #expect(Set(object.keys) == ["defaultAction", "defaultErrnoRet", "architectures", "syscalls"])
    }

    @Test func unknownCallsAreListed() {
        let names = (10..<40).map { "\"nope_\($0)\"" }.joined(separator: ",")
        let error = #expect(throws: ContainersError.self) {
            try SeccompProfile(json: Self.profile(#"{"names":["read",\#(names)],"action":"SCMP_ACT_ALLOW"}"#))
        }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.contains("unknown system calls: nope_10, nope_11, ") == true)
        #expect(error?.message.contains("nope_29 and 10 more") == true)
        for name in ["", "read\\u0000x", "READ", "-1", "read write"] {
            #expect(throws: ContainersError.self, "\(name)") {
                try SeccompProfile(json: Self.profile(#"{"names":["\#(name)"],"action":"SCMP_ACT_ALLOW"}"#))
            }
        }
    }

    @Test(arguments: [
        (#"{"names":["read"],"action":"SCMP_ACT_TRACE"}"#, "nobody listens"),
        (#"{"names":["read"],"action":"SCMP_ACT_NOTIFY"}"#, "nobody listens"),
        (#"{"names":["read"],"action":"SCMP_ACT_MAYBE"}"#, "which is not known"),
        (#"{"names":["read"],"action":"SCMP_ACT_ALLOW","includes":{"caps":["CAP_SYS_ADMIN"]}}"#, "only Docker decides"),
        (#"{"names":["read"],"action":"SCMP_ACT_ALLOW","excludes":{"arches":[]}}"#, "only Docker decides"),
        (#"{"names":["read"],"action":"SCMP_ACT_ALLOW","errnoRet":1}"#, "only with SCMP_ACT_ERRNO"),
        (#"{"names":["read"],"action":"SCMP_ACT_ERRNO","errnoRet":4096}"#, "at most 4095"),
        (#"{"names":["read"],"action":"SCMP_ACT_ERRNO","errnoRet":-1}"#, "not as expected"),
        (#"{"names":[],"action":"SCMP_ACT_ALLOW"}"#, "without names"),
        (#"{"name":"read","action":"SCMP_ACT_ALLOW"}"#, "\"name\", which is not known"),
        (#"{"action":"SCMP_ACT_ALLOW"}"#, "\"names\" is missing"),
        (#"{"names":"read","action":"SCMP_ACT_ALLOW"}"#, "\"syscalls.0.names\""),
        (#"{"names":["read"],"action":"SCMP_ACT_LOG","args":[{"index":6,"value":1,"op":"SCMP_CMP_EQ"}]}"#, "the last"),
        (#"{"names":["read"],"action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":1,"op":"=="}]}"#, "another form"),
    ])
    func badRules(rule: String, reason: String) {
        let error = #expect(throws: ContainersError.self) { try SeccompProfile(json: Self.profile(rule)) }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.contains(reason) == true, "\(error?.message ?? "")")
    }

    @Test(arguments: [
        "", "[]", "{}", "null", "{\"defaultAction\":1}", #"{"defaultAction":"SCMP_ACT_NOTIFY"}"#,
        #"{"defaultAction":"SCMP_ACT_ALLOW","flags":["SECCOMP_FILTER_FLAG_SPEC_ALLOW"]}"#,
        #"{"defaultAction":"SCMP_ACT_ALLOW","listenerPath":"/x"}"#, #"{"defaultAction":"SCMP_ACT_ALLOW","archMap":[]}"#,
        #"{"defaultAction":"SCMP_ACT_ALLOW","architectures":["SCMP_ARCH_Z80"]}"#,
        #"{"defaultAction":"SCMP_ACT_ALLOW","defaultErrnoRet":1}"#,
        #"{"defaultAction":"SCMP_ACT_ALLOW"}"# + String(repeating: " ", count: 64 << 10),
        String(repeating: "[", count: 60_000),
    ])
    func badProfiles(text: String) {
        let error = #expect(throws: ContainersError.self) { try SeccompProfile(json: text) }
        #expect(error?.code == .invalidArgument)
    }

    private static func profile(_ rule: String) -> String {
        #"{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[\#(rule)]}"#
    }
}
