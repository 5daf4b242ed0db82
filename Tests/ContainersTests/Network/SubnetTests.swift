import Testing

@testable import Containers

@Suite struct SubnetTests {
    @Test func good() throws {
        let subnet = try Subnet("10.62.0.0/16")
        #expect(subnet.description == "10.62.0.0/16")
        #expect(subnet.gateway == "10.62.0.1")
        #expect(subnet.contains("10.62.255.255"))
        #expect(!subnet.contains("10.63.0.1"))
        #expect(!subnet.contains("x"))
        #expect(try Subnet("192.168.7.8/29").gateway == "192.168.7.9")
        #expect(try Subnet("255.0.0.0/8").contains("255.1.2.3"))
    }

    @Test(arguments: [
        "", "10.62.0.0", "10.62.0.0/", "10.62.0.0/33", "10.62.0.0/30", "10.62.0.0/7", "10.62.0.1/16", "10.62.0/16",
        "10.62.0.0.0/16", "10.256.0.0/16", "a.b.c.d/16", "10.62.0.0/16/1", "+10.0.0.0/8", "10.62.0.0/-1", "::/64",
    ])
    func bad(text: String) {
        let error = #expect(throws: ContainersError.self) { try Subnet(text) }
        #expect(error?.code == .invalidArgument)
    }
}
