import OpenFaaSAPI
import Testing

@testable import Faasd

/// The desired state as a file, and the way from one state to another.
struct ExportTests {
    private let document = StateDocument(
        namespaces: [FunctionNamespace(name: "openfaas-fn"), FunctionNamespace(name: "team", labels: ["a": "1"])],
        functions: [
            FunctionDeployment(
                service: "f", image: "i:1", namespace: "team", envVars: ["A": "true", "B": "01", "C": "x: y\n"],
                secrets: ["s"], labels: ["com.openfaas.scale.min": "2"], limits: FunctionResources(memory: "64Mi"))
        ],
        secrets: [Secret(name: "s", namespace: "team", rawValue: "c2VjcmV0")])

    @Test(arguments: StateDocument.Format.allCases) func whatIsWrittenIsReadBack(format: StateDocument.Format) throws {
        let text = try document.text(format)
        #expect(try StateDocument.read(text, name: "f") == document, "\(text)")
        #expect(text.contains("c2VjcmV0"))
    }

    @Test func whatIsNoStateIsRefused() {
        for (text, reason) in [
            ("faasd: 2\n", "form 2"), ("- a\n", "not what"), ("functions: []\n", "faasd"), ("a: [", "not YAML"),
            ("faasd: 1\nfunctions: {a: b}\n", "functions"),
        ] {
            #expect {
                try StateDocument.read(text, name: "f.yaml")
            } throws: { error in
                "\(error)".contains("f.yaml") && "\(error)".contains(reason)
            }
        }
    }

    @Test func theFirstImportMakesAllAndTheSecondNothing() {
        let empty = StateDocument(namespaces: [FunctionNamespace(name: "openfaas-fn")], functions: [], secrets: [])
        #expect(
            StateImport.steps(to: document, from: empty).map(\.text) == [
                "unchanged namespace openfaas-fn", "create namespace team", "create secret s in team",
                "deploy function f.team",
            ])
        let again = StateImport.steps(to: document, from: document) { _ in "c2VjcmV0" }
        #expect(again.count == 4 && again.allSatisfy { $0.text.hasPrefix("unchanged ") }, "\(again)")
    }

    @Test func whatDiffersIsUpdated() {
        var present = document
        present.functions[0].image = "i:0"
        present.namespaces[1].labels = nil
        let steps = StateImport.steps(to: document, from: present) { _ in "b2xk" }
        #expect(
            steps.map(\.text) == [
                "unchanged namespace openfaas-fn", "update namespace team", "update secret s in team",
                "update function f.team",
            ])
    }

    @Test func aSecretWithoutAValueMustBeThere() {
        var wanted = document
        wanted.secrets[0].rawValue = nil
        let empty = StateDocument(namespaces: [], functions: [], secrets: [])
        #expect(StateImport.steps(to: wanted, from: empty).contains { $0.text.hasPrefix("cannot make secret s") })
        #expect(StateImport.steps(to: wanted, from: document).contains(.unchanged("secret s in team")))
    }

    @Test func whatMeansTheSameIsTheSame() {
        let short = FunctionDeployment(service: "f", image: "i", labels: [:], readOnlyRootFilesystem: false)
        let long = FunctionDeployment(service: "f", image: "i", namespace: "openfaas-fn", envProcess: "")
        #expect(short.normalized == long.normalized)
    }
}
