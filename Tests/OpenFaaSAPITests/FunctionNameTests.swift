import OpenFaaSAPI
import Testing

struct FunctionNameTests {
    @Test(arguments: ["a", "hello-python", "Figlet", "env_vars", "a--b", "0", String(repeating: "x", count: 63)])
    func accepts(name: String) throws {
        #expect(try FunctionName(name).name == name)
        #expect(try FunctionName(name).namespace == "openfaas-fn")
    }

    @Test(arguments: [
        "", ".", "..", "../etc", "a/b", "a.b", "-a", "a-", "_a", "a b", "a\u{0}", "a\n", "é", "a%2fb",
        String(repeating: "x", count: 64),
    ])
    func refuses(name: String) {
        #expect(throws: InvalidName.self) { try FunctionName(name) }
    }

    @Test(arguments: ["..", "a/b", "Upper", "a_b", "a.b", "-", String(repeating: "n", count: 64)])
    func refusesNamespace(namespace: String) {
        #expect(throws: InvalidName.self) { try FunctionName("a", namespace: namespace) }
    }

    @Test func splitsAtTheLastDot() throws {
        #expect(try FunctionName(qualified: "env.dev") == FunctionName("env", namespace: "dev"))
        #expect(try FunctionName(qualified: "env") == FunctionName("env", namespace: ""))
        // `faas-cli invoke env.dev` asks for env.dev.openfaas-fn.
        #expect(try FunctionName(qualified: "env.dev.openfaas-fn") == FunctionName("env", namespace: "dev"))
        #expect(throws: InvalidName.self) { try FunctionName(qualified: "a.b.c") }
        #expect(throws: InvalidName.self) { try FunctionName(qualified: ".openfaas-fn") }
        // An empty namespace after the dot means the default one, as an empty field does.
        #expect(try FunctionName(qualified: "env.") == FunctionName("env"))
    }

    @Test func saysWhichFieldAndWhy() {
        let error = #expect(throws: InvalidName.self) { try FunctionName("a/b") }
        #expect(
            "\(error.map(\.description) ?? "")".hasPrefix("invalid function name \"a/b\": it must be 1 to 63 letters"))
    }
}
