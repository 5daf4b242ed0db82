import Foundation
import TestSupport
import Testing

/// The running daemon does what docs/openapi.yaml says.
@Suite(.serialized) struct APIDocumentTests {
    private var document: String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("docs/openapi.yaml").path
    }

    @Test func schemathesisFindsNothing() async throws {
        try await Daemon.with { daemon in
            try await daemon.importImage("busybox")
            let admin = try daemon.admin()
            let function =
                #"{"service":"kept-by-the-test","image":"docker.io/faasd/busybox:latest","envProcess":"cat"}"#
            #expect(try await admin("POST", "/system/functions", body: function).status == 202)
            let outcome = try await Shell.run(
                "env",
                [
                    // It leaves what it has learnt in its working directory.
                    "-C", daemon.directory, daemon.environment.schemathesis, "run", document, "--url", daemon.curl.base,
                    "--auth", admin.credentials ?? "", "--seed", "1",
                    // What is behind the one is the function's; the other does not end.
                    "--exclude-path-regex", "^/(function/|system/events)",
                    "--max-examples", "25", "--phases", "examples,coverage,fuzzing", "--continue-on-failure",
                    "--request-timeout", "30", "--suppress-health-check", "all", "--no-color",
                    "--checks",
                    "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,"
                        + "response_schema_conformance,ignored_auth,unsupported_method,missing_required_header",
                ])
            #expect(outcome.code == 0, "\(outcome.output.suffix(6000))\n\(outcome.error.suffix(2000))")
            #expect(try await daemon.curl("GET", "/healthz").status == 200)
        }
    }
}
