import Testing

@testable import Provider

struct ConstraintTests {
    private let labels = ["kubernetes.io/arch": "amd64", "gpu": "yes"]

    @Test(arguments: [
        "gpu == yes", "gpu=yes", "gpu==yes", "gpu != no", "absent != x", "kubernetes.io/arch=amd64", "  gpu  ==  yes  ",
    ])
    func isMet(_ text: String) throws {
        try Constraint.check([text], nodeLabels: labels)
    }

    @Test(arguments: ["gpu == no", "absent=x", "gpu != yes"])
    func isRefusedWithTheReason(_ text: String) {
        let error = #expect(throws: ProviderError.self) { try Constraint.check(["gpu=yes", text], nodeLabels: labels) }
        #expect(error?.code == .invalid)
        #expect(error?.message.contains("cannot be met") == true)
    }

    @Test(arguments: ["", "gpu", "= x", "a b == c", "a === b"])
    func isNoConstraint(_ text: String) {
        let error = #expect(throws: ProviderError.self) { try Constraint.check([text], nodeLabels: labels) }
        #expect(error?.message.contains("KEY == VALUE") == true)
    }
}
