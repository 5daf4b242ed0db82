import Testing

@testable import Containers

@Suite struct LogOptionsTests {
    @Test func roundTrip() throws {
        let options = try LogOptions(
            name: "a,b=c%é", directory: "/var/lib/x y", usesJournal: false, fields: ["F_1": "a,b=c\n%", "G": ""],
            fileLimitBytes: 5000, fileCount: 2, containerCount: 7)
        #expect(try LogOptions(decoding: options.encoded) == options)
        #expect(options.encoded.utf8.allSatisfy { (0x21...0x7e).contains($0) })
    }

    @Test(arguments: [
        "", "x", "name=a", "name=a,directory=/d,journal=1,bytes=x,files=1,containers=1",
        "name=a,directory=/d,journal=1,bytes=5000,files=1,containers=1,other=1",
        "name=a,name=a,directory=/d,journal=1,bytes=5000,files=1,containers=1",
        "name=a%2,directory=/d,journal=1,bytes=5000,files=1,containers=1",
        "name=..,directory=/d,journal=1,bytes=5000,files=1,containers=1",
        "name=a%2Fb,directory=/d,journal=1,bytes=5000,files=1,containers=1",
        "name=a,directory=d,journal=1,bytes=5000,files=1,containers=1",
        "name=a,directory=/d,journal=1,bytes=5,files=1,containers=1",
        "name=a,directory=/d,journal=1,bytes=5000,files=0,containers=1",
        "name=a,directory=/d,journal=1,bytes=5000,files=1,containers=1,field.a=x",
    ])
    func malformed(text: String) {
        let error = #expect(throws: ContainersError.self) { try LogOptions(decoding: text) }
        #expect(error?.code == .invalidArgument)
    }
}
