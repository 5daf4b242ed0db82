/// How gateway and provider run in a test.
public enum Setup: String, CaseIterable, Sendable {
    /// Both in one process: `faasd up`.
    case whole
    /// Two processes that speak HTTP with each other: `faasd gateway` before `faasd provider`.
    case split
}
