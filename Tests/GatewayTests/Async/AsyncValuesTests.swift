import Queue
import Testing

@testable import Gateway

struct AsyncValuesTests {
    @Test func targetsAreTakenApart() throws {
        let whole = try #require(AsyncTarget("/async-function/f.ns/a%20b?x=1"))
        #expect(whole.name == "f.ns" && whole.rest == "/a%20b?x=1")
        #expect(AsyncTarget("/async-function/f")?.rest == "")
        #expect(AsyncTarget("/async-function/f?x")?.rest == "?x")
        #expect(AsyncTarget("/async-function/")?.name == "")
        // What no URL may hold is encoded, what is encoded stays.
        #expect(AsyncTarget("/async-function/f/a#b\"{é}[1]%2F")?.rest == "/a%23b%22%7B%C3%A9%7D%5B1%5D%2F")
        #expect(AsyncTarget("/function/f") == nil && AsyncTarget("/async-function") == nil)
    }

    @Test func fieldsOfTheConnectionStayBehind() {
        let fields = [
            (name: "Host", value: "h"), (name: "Connection", value: "close, X-Hop"), (name: "x-hop", value: "1"),
            (name: "Content-Length", value: "3"), (name: "Transfer-Encoding", value: "chunked"),
            (name: "Accept", value: "a"), (name: "X-Twice", value: "1"), (name: "X-Twice", value: "2"),
            (name: "X-Call-Id", value: "c"),
        ]
        #expect(
            EndToEndFields.of(fields, without: ["x-call-id"])
                == [HeaderField("Accept", "a"), HeaderField("X-Twice", "1"), HeaderField("X-Twice", "2")])
    }
}
