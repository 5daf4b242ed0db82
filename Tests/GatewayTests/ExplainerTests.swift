import OpenFaaSAPI
import Provider
import Testing

@testable import Gateway

/// What is said of functions to whoever asks why.
struct ExplainerTests {
    private func status(available: UInt64 = 0, failure: FunctionFailure? = nil) throws -> FunctionStatus {
        var status = FunctionStatus(
            name: try FunctionName("f"), deployment: FunctionDeployment(service: "f", image: "i"), invocationCount: 0,
            replicas: 1, availableReplicas: available, createdAt: "2026-01-01T00:00:00Z")
        status.failure = failure
        return status
    }

    private func explain(_ status: FunctionStatus, _ notes: ProviderNotes = ProviderNotes()) -> FunctionExplanation {
        Explainer(status: status, notes: notes, lines: []).explanation
    }

    @Test func eachCauseHasItsAdvice() throws {
        func advice(_ cause: FunctionFailure.Cause, exitCode: Int? = nil) throws -> String {
            let failure = FunctionFailure(count: 2, reason: "r", retryAt: nil, cause: cause, exitCode: exitCode)
            let found = explain(try status(failure: failure))
            #expect(found.state == "crash-loop" && !found.ready)
            return found.advice.joined(separator: "; ")
        }
        #expect(try advice(.outOfMemory).contains("raise limits.memory"))
        #expect(try advice(.image).contains("image's name"))
        #expect(try advice(.exited, exitCode: 127).contains("fprocess"))
        #expect(try advice(.exited, exitCode: 0).contains("go on serving"))
        #expect(try advice(.exited, exitCode: 1).contains("faas-cli logs f"))
        #expect(try advice(.signaled, exitCode: 139).contains("faas-cli logs f"))
        #expect(try advice(.notStarted).contains("faasd doctor"))
    }

    @Test func killsOfAFunctionThatServesAreTold() throws {
        var serving = try status(available: 1)
        serving.usage = FunctionUsage(cpu: 0, totalMemoryBytes: 0, outOfMemoryKills: 2)
        serving.limits = FunctionResources(memory: "32Mi")
        let found = explain(serving)
        #expect(
            found.ready && found.reason.contains("2 processes of its replicas were killed: out of memory, limit 32Mi"))
        #expect(found.advice.contains { $0.contains("above 32Mi") })
    }

    @Test func containerdIsBlamedWhereItIsToBlame() throws {
        let found = explain(try status(), ProviderNotes(runtimeTrouble: "no socket"))
        #expect(!found.ready && found.reason.contains("containerd does not answer: no socket"))
        #expect(found.advice.first?.contains("systemctl restart containerd") == true)
    }
}
