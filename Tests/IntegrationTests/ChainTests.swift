import Foundation
import TestSupport
import Testing

/// Functions call each other through the gateway.
@Suite(.serialized) struct ChainTests {
    @Test func oneFunctionCallsAnotherByTheGatewaysName() async throws {
        try await Daemon.with { daemon in
            try await daemon.importImage("busybox")
            let admin = try daemon.admin()
            let upper = #"{"service":"upper","image":"docker.io/faasd/busybox:latest","envProcess":"tr a-z A-Z"}"#
            #expect(try await admin("POST", "/system/functions", body: upper).status == 202)
            let port = daemon.curl.base.split(separator: ":").last ?? ""
            let chain = """
                {"service":"chain","image":"docker.io/faasd/busybox:latest",
                 "envProcess":"wget -q -O - --post-data hello http://gateway:\(port)/function/upper"}
                """
            #expect(try await admin("POST", "/system/functions", body: chain).status == 202)
            let answer = try await daemon.curl("GET", "/function/chain")
            #expect(answer.status == 200 && answer.body == "HELLO", "\(answer.body)")
        }
    }
}
