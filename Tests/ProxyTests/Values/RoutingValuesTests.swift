import OpenFaaSAPI
import Testing

@testable import Proxy

@Suite struct RoutingValuesTests {
    private static func path(_ text: String) -> (name: String, rest: String)? {
        let bytes = Array(text.utf8)
        return bytes.withUnsafeBytes { bytes in
            FunctionPath(bytes, target: 0..<bytes.count).map { path in
                (
                    String(decoding: bytes.part(path.name), as: UTF8.self),
                    String(decoding: bytes.part(path.rest), as: UTF8.self)
                )
            }
        }
    }

    @Test func pathIsTakenApart() throws {
        let plain = try #require(Self.path("/function/a.b/c/d?e/f"))
        #expect(plain == ("a.b", "/c/d?e/f"))
        let query = try #require(Self.path("/function/a?b"))
        #expect(query == ("a", "?b"))
        let empty = try #require(Self.path("/function/"))
        #expect(empty == ("", ""))
        for other in ["/function", "/functions/a", "/Function/a", "//function/a", "*", "/", "/async-function/a"] {
            #expect(Self.path(other) == nil, "\(other)")
        }
    }

    @Test func indexFindsAllNamesAndNoOthers() throws {
        var names = try (0..<1000).map { try FunctionName("f\($0)") }
        names.append(try FunctionName("f1", namespace: "other"))
        names.append(try FunctionName("only", namespace: "other"))
        let index = RouteIndex(names, defaultNamespace: "openfaas-fn")
        func find(_ text: String) -> Int? { Array(text.utf8).withUnsafeBytes { index.route($0) } }
        for number in 0..<1000 {
            #expect(find("f\(number)") == number)
            #expect(find("f\(number).openfaas-fn") == number)
        }
        #expect(find("f1.other") == 1000)
        #expect(find("f1.other.openfaas-fn") == 1000)
        #expect(find("only.other") == 1001)
        for other in ["only", "f1000", "", "f", "f1.", ".openfaas-fn", "f1.openfaas-f", "F1"] {
            #expect(find(other) == nil, "\(other)")
        }
        let empty = RouteIndex([], defaultNamespace: "openfaas-fn")
        #expect(Array("f".utf8).withUnsafeBytes { empty.route($0) } == nil)
    }

    @Test func lastOfTwoRoutesCounts() throws {
        let name = try FunctionName("f")
        let table = PreparedTable(
            RouteTable([Route(name: name, state: .waiting), Route(name: name, state: .stopped(reason: "x"))]),
            defaultNamespace: "openfaas-fn")
        #expect(table.routes.count == 1)
        guard case .stopped = table.routes[0].state else {
            Issue.record("the first one was kept")
            return
        }
    }
}
