import Testing

@testable import CLI

/// Variables in the text of a stack file.
struct EnvironmentSubstitutionTests {
    private let environment = [
        "NAME": "world", "EMPTY": "", "PATHNAME": "/a/b/c.tar.gz", "MIXED": "heLLo", "DOTS": "a.b.c", "N2": "x",
    ]

    private func apply(_ text: String) throws -> String {
        try EnvironmentSubstitution.apply(text, environment: environment, path: "stack.yaml")
    }

    @Test(arguments: [
        ("a ${NAME} b", "a world b"), ("${NONE}", ""), ("$NAME", "$NAME"), ("$$", "$"), ("$${NAME}", "${NAME}"),
        ("${NONE:-x y}", "x y"), ("${NAME:-x}", "world"), ("${EMPTY:-x}", "x"), ("${NONE:=x}", "x"),
        ("${NONE=x}", "x"), ("${NONE:+x}", "x"), ("${NONE:?x}", "x"), ("${NONE:-${NAME}}", "world"),
        ("${NONE:-${ALSO:-deep}}", "deep"), ("${MIXED^^}", "HELLO"), ("${MIXED,,}", "hello"), ("${NAME^}", "World"),
        ("${MIXED,}", "heLLo"), ("${#NAME}", "5"), ("${NAME:1}", "orld"), ("${NAME:1:3}", "orl"),
        ("${NAME:9:3}", ""), ("${DOTS/./-}", "a-b.c"), ("${DOTS//./-}", "a-b-c"), ("${DOTS/./}", "ab.c"),
        ("${PATHNAME#*/}", "a/b/c.tar.gz"), ("${PATHNAME##*/}", "c.tar.gz"), ("${PATHNAME%.*}", "/a/b/c.tar"),
        ("${PATHNAME%%.*}", "/a/b/c"), ("${N2}3", "x3"), ("# ${NAME}", "# world"), ("no end $", "no end $"),
    ]) func expressions(text: String, expected: String) throws {
        #expect(try apply(text) == expected)
    }

    @Test(arguments: ["${", "${NAME", "${NAME:-x", "${NAME-x}", "${}", "${:-x}", "${NAME:x}"])
    func aBrokenOneTellsItsLine(text: String) {
        let message = #expect(throws: CLIError.self) { try apply("one\ntwo\n\(text)") }
        #expect(message?.message.hasPrefix("stack.yaml:3: ") == true, "\(message?.message ?? "")")
    }

    @Test func aLongResultIsRefused() {
        let long = ["BIG": String(repeating: "x", count: 100_000)]
        let text = String(repeating: "${BIG}", count: 100)
        #expect(throws: CLIError.self) {
            try EnvironmentSubstitution.apply(text, environment: long, path: "stack.yaml")
        }
        let nested = String(repeating: "${A:-", count: 100) + String(repeating: "}", count: 100)
        #expect(throws: CLIError.self) {
            try EnvironmentSubstitution.apply(nested, environment: [:], path: "stack.yaml")
        }
    }

    @Test func wildcards() {
        #expect(Wildcard("a*c").matches("abbc") && !Wildcard("a*c").matches("abb"))
        #expect(Wildcard("*").matches("") && Wildcard("").matches("") && !Wildcard("").matches("a"))
        #expect(Wildcard("**a?").matches("xxab") && !Wildcard("a?").matches("a"))
    }
}
