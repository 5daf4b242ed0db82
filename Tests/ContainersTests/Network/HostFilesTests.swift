import Foundation
import Testing

@testable import Containers

@Suite struct HostFilesTests {
    private func files(_ directory: TemporaryDirectory) -> HostFiles {
        HostFiles(
            hostsPath: directory.path + "/out/hosts", resolverPath: directory.path + "/out/resolv.conf",
            hostResolverPaths: [directory.path + "/etc/resolv.conf", directory.path + "/run/resolv.conf"])
    }

    @Test func hosts() async throws {
        try await TemporaryDirectory.with { directory in
            let files = files(directory)
            let changed1 = try files.writeHosts([("gateway", "10.62.0.1"), ("db.local", "fd00::1")])
            #expect(changed1)
            #expect(
                directory.text("out/hosts")
                    == "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n10.62.0.1\tgateway\nfd00::1\tdb.local\n"
            )
        }
    }

    @Test func aFileIsWrittenInPlaceAndOnlyWhenItChanges() async throws {
        try await TemporaryDirectory.with { directory in
            let files = files(directory)
            try files.writeHosts([("gateway", "10.62.0.1")])
            let inode = try Self.inode(files.hostsPath)
            let changed2 = try files.writeHosts([("gateway", "10.62.0.1")])
            #expect(!changed2)
            let changed3 = try files.writeHosts([("gateway", "10.63.0.1")])
            #expect(changed3)
            #expect(try Self.inode(files.hostsPath) == inode)
        }
    }

    @Test(arguments: [("a b", "1.2.3.4"), ("a\nb", "1.2.3.4"), ("", "1.2.3.4"), ("a", ""), ("a", "1.2.3.4 x")])
    func badNames(name: String, address: String) async throws {
        try await TemporaryDirectory.with { directory in
            #expect(throws: ContainersError.self) { try files(directory).writeHosts([(name, address)]) }
            #expect(directory.names().isEmpty)
        }
    }

    @Test func resolversFollowTheHost() async throws {
        try await TemporaryDirectory.with { directory in
            let text = """
                # comment
                domain example.org
                search a.example  b.example
                nameserver 127.0.0.1
                nameserver 192.0.2.1
                nameserver\t2001:db8::1
                options ndots:2 edns0
                sortlist 1.2.3.4
                """
            try directory.write(text, to: "etc/resolv.conf")
            try directory.write("nameserver 192.0.2.9\n", to: "run/resolv.conf")
            let changed4 = try files(directory).writeResolver()
            #expect(changed4)
            let changed5 = try files(directory).writeResolver()
            #expect(!changed5)
            #expect(
                directory.text("out/resolv.conf")
                    == "nameserver 192.0.2.1\nnameserver 2001:db8::1\ndomain example.org\nsearch a.example b.example\noptions ndots:2 edns0\n"
            )
        }
    }

    @Test func aLocalResolverIsReplacedByThoseItAsks() async throws {
        try await TemporaryDirectory.with { directory in
            try directory.write("nameserver 127.0.0.53\noptions edns0\nsearch a\n", to: "etc/resolv.conf")
            try directory.write("nameserver 192.0.2.9\nsearch b\n", to: "run/resolv.conf")
            try files(directory).writeResolver()
            #expect(directory.text("out/resolv.conf") == "nameserver 192.0.2.9\nsearch b\n")
        }
    }

    @Test func aMachineWithoutResolvers() async throws {
        try await TemporaryDirectory.with { directory in
            try directory.write("nameserver ::1\nsearch a\n", to: "etc/resolv.conf")
            try files(directory).writeResolver()
            #expect(directory.text("out/resolv.conf") == "search a\n")
        }
        try await TemporaryDirectory.with { directory in
            let changed6 = try files(directory).writeResolver()
            #expect(changed6)
            #expect(directory.text("out/resolv.conf") == "")
        }
    }

    @Test func moreThanTheLibraryReads() {
        let text = (1...5).map { "nameserver 192.0.2.\($0)\n" }.joined()
        #expect(ResolverFile.text(from: [text]).split(separator: "\n").count == 3)
    }

    private static func inode(_ path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.systemFileNumber] as? Int
    }
}
