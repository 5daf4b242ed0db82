import Testing

@testable import Containers

@Suite struct SeccompTests {
    @Test func thisMachine() {
        #expect(Seccomp.version.split(separator: ".").count == 3)
        #expect(Seccomp.version.hasPrefix("2."))
        #expect(Seccomp.isFilterSupported)
    }
}
