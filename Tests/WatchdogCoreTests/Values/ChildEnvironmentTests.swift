import Glibc
import Testing

@testable import WatchdogCore

@Suite struct ChildEnvironmentTests {
    /// The variables that a process would see, of a watchdog with the variables `inherited`.
    private func variables(
        _ request: String, inherited: [String] = [], replacingPath: String? = nil
    ) throws -> [String] {
        let head = try parse(request).get()
        var block = inherited.map { strdup($0) } + [nil]
        defer { for variable in block { free(variable) } }
        return block.withUnsafeMutableBufferPointer { block in
            let environment = ChildEnvironment(inheriting: block.baseAddress)
            // Twice, as the memory of the first call is used again.
            _ = withBytes(request) { bytes in
                environment.withVariables(of: CallRequest(head: head, bytes: bytes, replacingPath: nil)) {
                    Self.read($0)
                }
            }
            return withBytes(request) { bytes in
                environment.withVariables(
                    of: CallRequest(head: head, bytes: bytes, replacingPath: replacingPath)
                ) { Self.read($0) }
            }
        }
    }

    private static func read(_ block: ChildEnvironment.Block?) -> [String] {
        var variables: [String] = []
        var entry = block
        while let variable = entry?.pointee {
            variables.append(String(cString: variable))
            entry = entry?.advanced(by: 1)
        }
        return variables
    }

    @Test func describesARequest() throws {
        let found = try variables(
            "PATCH /a%20b?x=%201 HTTP/1.1\r\nhost: h:1\r\nx-FORWARDED-for: me\r\nAccept: a\r\nAccept: b\r\n"
                + "Content-Length: 12\r\n\r\n", inherited: ["PATH=/bin", "ODD"])
        #expect(
            found.sorted()
                == [
                    "Http_Accept=a", "Http_ContentLength=12", "Http_Content_Length=12", "Http_Host=h:1",
                    "Http_Method=PATCH", "Http_Path=/a b", "Http_Query=x=%201", "Http_X_Forwarded_For=me", "ODD",
                    "PATH=/bin",
                ].sorted())
    }

    @Test func describesAChunkedBodyAndNoQuery() throws {
        let found = try variables("POST / HTTP/1.1\r\nHost:\r\nTransfer-Encoding: chunked\r\n\r\n")
        #expect(found.contains("Http_Transfer_Encoding=chunked"))
        #expect(found.contains("Http_ContentLength=-1") && found.contains("Http_Content_Length=-1"))
        #expect(!found.contains { $0.hasPrefix("Http_Query") || $0.hasPrefix("Http_Host") })
    }

    @Test func keepsHostileNamesOut() throws {
        let found = try variables(
            "GET / HTTP/1.1\r\nHost: h\r\nProxy: evil\r\nMethod: evil\r\nPath: evil\r\nQuery: evil\r\n"
                + "ContentLength: evil\r\nX_Y: evil\r\nX.Y: evil\r\nLD`PRELOAD: evil\r\nX-Y: good\r\nX-Y-Z: good\r\n\r\n"
        )
        #expect(!found.contains { $0.contains("evil") })
        #expect(found.contains("Http_X_Y=good") && found.contains("Http_X_Y_Z=good"))
    }

    @Test func replacesInheritedVariables() throws {
        let found = try variables(
            "GET / HTTP/1.1\r\nHost: h\r\nX-A: new\r\n\r\n",
            inherited: ["Http_X_A=old", "Http_X_AB=stays", "Http_Method=old"])
        #expect(found.filter { $0.hasPrefix("Http_X_A=") } == ["Http_X_A=new"])
        #expect(found.contains("Http_X_AB=stays") && found.contains("Http_Method=GET"))
        #expect(!found.contains("Http_Method=old"))
    }

    @Test func makesCopiesThatLast() throws {
        let request = "GET /first HTTP/1.1\r\nHost: h\r\nX-A: b\r\n\r\n"
        let head = try parse(request).get()
        var block = [strdup("PATH=/bin"), nil]
        defer { free(block[0]) }
        block.withUnsafeMutableBufferPointer { block in
            let environment = ChildEnvironment(inheriting: block.baseAddress)
            let copy = withBytes(request) { bytes in
                environment.copy(of: CallRequest(head: head, bytes: bytes, replacingPath: nil))
            }
            let bare = environment.copy(of: nil)
            defer { for memory in [copy, bare] { memory.deallocate() } }
            _ = withBytes(request) { bytes in
                environment.withVariables(of: CallRequest(head: head, bytes: bytes, replacingPath: "/other")) { _ in 0 }
            }
            let variables = Self.read(copy.assumingMemoryBound(to: UnsafeMutablePointer<CChar>?.self))
            #expect(variables.contains("Http_Path=/first") && variables.contains("Http_X_A=b"))
            #expect(variables.last == "PATH=/bin")
            #expect(Self.read(bare.assumingMemoryBound(to: UnsafeMutablePointer<CChar>?.self)) == ["PATH=/bin"])
        }
    }

    @Test func addsVariablesOfItsOwn() {
        let environment = ChildEnvironment(inheriting: nil)
        #expect(environment.withInherited(adding: ["A=1", "B=2"]) { Self.read($0) } == ["A=1", "B=2"])
        #expect(environment.withInherited { Self.read($0) } == [])
    }

    @Test func asksAnotherPath() throws {
        let request = "GET /_/ready?probe HTTP/1.1\r\nHost: h\r\n\r\n"
        let found = try variables(request, replacingPath: "/alive?deep=1")
        #expect(found.contains("Http_Path=/alive") && found.contains("Http_Query=deep=1"))
        #expect(found.contains("Http_Method=GET"))
        let plain = try variables(request, replacingPath: "/alive")
        #expect(!plain.contains { $0.hasPrefix("Http_Query") })
    }
}
