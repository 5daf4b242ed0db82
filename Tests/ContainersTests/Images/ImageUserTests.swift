import Testing

@testable import Containers

@Suite struct ImageUserTests {
    @Test func good() throws {
        let root = try ImageUser("")
        #expect(root.user == .number(0) && root.group == nil && root.isRoot)
        #expect(try ImageUser("0").isRoot)
        #expect(try ImageUser("root:root").isRoot)
        let both = try ImageUser("1000:2147483647")
        #expect(both.user == .number(1000) && both.group == .number(2_147_483_647) && !both.isRoot)
        let named = try ImageUser("www-data:_apt")
        #expect(named.user == .name("www-data") && named.group == .name("_apt"))
        #expect(try ImageUser("node:1000").group == .number(1000))
        #expect(try ImageUser("host$").user == .name("host$"))
        #expect(try ImageUser("0x10").user == .name("0x10"))
    }

    @Test(arguments: [
        "2147483648", "4294967296", "4294967295", "18446744073709551616", "99999999999999999999999", "-1", "+1",
        "-4294967296", "1:2147483648", "1:-1", "1:+0", "007", "00", "1:00", " 1", "1 ", "1: 2", ":", "1:", ":1",
        "1:2:3", "a b", "a\n", "a\0", "../x", "-a", ".a", "$", "é", "1\u{0660}", "\u{0661}",
        String(repeating: "a", count: 257),
    ])
    func bad(text: String) {
        let error = #expect(throws: ContainersError.self) { try ImageUser(text) }
        #expect(error?.code == .invalidImage)
        #expect(error?.message.contains("from 0 to 2147483647") == true)
    }

    @Test func ofAConfiguration() throws {
        try ImageConfigDocument.read(Array(#"{"config":{"User":"1:2"}}"#.utf8)).check()
        let bad = try ImageConfigDocument.read(Array(#"{"config":{"User":"4294967296"}}"#.utf8))
        #expect(throws: ContainersError.self) { try bad.check() }
    }
}
