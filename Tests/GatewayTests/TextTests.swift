import OpenFaaSAPI
import Testing

@testable import Gateway

struct TextTests {
    @Test(arguments: ["/a/../b", "/..", "/a/%2e%2E/b", "/./a", "/system/function/..%2f..", "/x/%2E"])
    func dotSegmentsAreSeen(target: String) {
        #expect(ControlPlane.hasDotSegment(target))
    }

    @Test(arguments: ["/", "/a.b/c", "/...", "/a?x=../y", "/.hidden"])
    func otherPathsPass(target: String) {
        #expect(!ControlPlane.hasDotSegment(target))
    }

    @Test func thePageShowsTextAsText() throws {
        let status = FunctionStatus(
            name: try FunctionName("f"),
            deployment: FunctionDeployment(service: "f", image: "<script>alert('&\"')</script>"), invocationCount: 3,
            replicas: 1, availableReplicas: 1, createdAt: "")
        let html = FunctionPage.html([status])
        #expect(!html.contains("<script>"))
        #expect(html.contains("&lt;script&gt;alert(&#39;&amp;&quot;&#39;)&lt;/script&gt;"))
        #expect(FunctionPage.html([]).contains("No function is deployed"))
    }
}
