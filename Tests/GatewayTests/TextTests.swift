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
}
