import ArgumentParser
import OpenFaaSAPI
import Testing

@testable import CLI

/// Stack files as they are written, and as they are broken.
struct StackReaderTests {
    private func read(_ text: String) throws -> StackFile { try StackReader.read(text, path: "stack.yaml").file }

    private func problems(_ text: String) -> String {
        do {
            _ = try read(text)
            return "none"
        } catch let error as CLIError {
            return error.message
        } catch {
            return "another error: \(error)"
        }
    }

    @Test func everyKeyIsRead() throws {
        let file = try read(
            """
            version: 1.0
            provider:
              name: openfaas
              gateway: https://gw.example.com
            configuration:
              templates:
                - name: python3
                  source: https://github.com/a/b.git#v1
                - name: node
              copy: [./common, ./models]
            functions:
              hello:
                lang: python3
                handler: ./hello
                image: example.com/hello:0.1
                fprocess: python3 index.py
                environment:
                  flag: true
                  amount: 1.50
                  octal: 010
                  nothing: null
                  tilde: ~
                  quoted: "null"
                environment_file: [a.yml, b.yml]
                secrets: [key]
                labels:
                  com.openfaas.scale.min: 1
                annotations: {topic: one}
                constraints: ["node.platform.os == linux"]
                limits: {memory: 128Mi, cpu: 100m}
                requests: {memory: 64Mi}
                readonly_root_filesystem: true
                skip_build: yes
                build_options: [dev]
                build_args: {A: 1}
                build_secrets: {pip: ./pip.conf}
                namespace: team
                platforms: linux/amd64
              second: {image: b, skip_build: false}
            """)
        #expect(file.gateway == "https://gw.example.com" && file.copy == ["./common", "./models"])
        #expect(
            file.templates == [.init(name: "python3", source: "https://github.com/a/b.git#v1"), .init(name: "node")])
        #expect(file.functions.map(\.name) == ["hello", "second"])
        let hello = try #require(file.functions.first)
        #expect(hello.place == "stack.yaml:12")
        #expect(hello.lang == "python3" && hello.handler == "./hello" && hello.image == "example.com/hello:0.1")
        #expect(hello.fprocess == "python3 index.py" && hello.environmentFiles == ["a.yml", "b.yml"])
        #expect(
            hello.environment == [
                "flag": "true", "amount": "1.50", "octal": "010", "nothing": "", "tilde": "", "quoted": "null",
            ])
        #expect(hello.secrets == ["key"] && hello.labels == ["com.openfaas.scale.min": "1"])
        #expect(hello.annotations == ["topic": "one"] && hello.constraints == ["node.platform.os == linux"])
        #expect(hello.limits == FunctionResources(memory: "128Mi", cpu: "100m"))
        #expect(hello.requests == FunctionResources(memory: "64Mi"))
        #expect(hello.readOnly && hello.skipBuild && hello.buildOptions == ["dev"])
        #expect(hello.buildArguments == ["A": "1"] && hello.buildSecrets == ["pip": "./pip.conf"])
        #expect(hello.namespace == "team" && hello.platforms == "linux/amd64")
        #expect(file.functions.last?.skipBuild == false)
    }

    @Test func variablesInsideEnvironmentAreRead() throws {
        let file = try read(
            "provider: {name: openfaas}\nfunctions: {a: {environment: {variables: {READ_TIMEOUT: 10s}}}}")
        #expect(file.functions.first?.environment == ["READ_TIMEOUT": "10s"])
        // A variable of that name is one.
        let other = try read("provider: {name: openfaas}\nfunctions: {a: {environment: {variables: x}}}")
        #expect(other.functions.first?.environment == ["variables": "x"])
    }

    @Test func anchorsAndMergesAreFollowed() throws {
        let file = try read(
            """
            provider: {name: openfaas}
            functions:
              a: &base
                lang: node
                labels: {x: "1"}
              b:
                <<: *base
                image: b
                labels: {y: "2"}
            """)
        let b = try #require(file.functions.last)
        #expect(b.lang == "node" && b.image == "b" && b.labels == ["y": "2"])
    }

    @Test(arguments: [
        ("functions: {}", "stack.yaml:1: provider is missing"),
        ("provider: {name: faas}", "stack.yaml:1: provider.name must be openfaas, not \"faas\""),
        ("version: 2.0\nprovider: {name: openfaas}", "stack.yaml:1: version must be 1.0, not \"2.0\""),
        ("provider: {name: openfaas}\nfunctions: [a]", "stack.yaml:2: functions must be a map of keys and values"),
        (
            "provider: {name: openfaas}\nfunctions:\n  a:\n    environment:\n      - x=1\n",
            "stack.yaml:5: functions.a.environment must be a map of keys and values, not a list"
        ),
        (
            "provider: {name: openfaas}\nfunctions:\n  a:\n    limits:\n      memory: [1]\n",
            "stack.yaml:5: functions.a.limits.memory must be text, not a list"
        ),
        (
            "provider: {name: openfaas}\nfunctions:\n  a:\n    skip_build: perhaps\n",
            "stack.yaml:4: functions.a.skip_build must be true or false, not \"perhaps\""
        ),
        (
            "provider: {name: openfaas}\nfunctions:\n  a:\n    secrets: key\n",
            "stack.yaml:4: functions.a.secrets must be a list (- item), not text"
        ),
        ("provider: {name: openfaas}\nfunctions:\n  ../a: {}\n", "stack.yaml:3: functions.../a must be 1 to 63"),
        ("provider: {name: openfaas\nfunctions: {}", "stack.yaml:2: not valid YAML in column"),
        ("provider: {name: openfaas}\nfunctions:\n\ta: {}", "stack.yaml:3: not valid YAML in column 1"),
        ("provider: {name: openfaas}\nfunctions: {a: {}, a: {}}", "stack.yaml:2: \"a\" is there twice"),
        (
            "provider: {name: openfaas}\nconfiguration:\n  copy:\n    - ok\n    - ../x\n",
            "stack.yaml:5: configuration.copy \"../x\" must be a path below this folder"
        ),
        ("", "stack.yaml is empty"),
    ]) func aBrokenFileTellsLineAndKey(text: String, expected: String) {
        let message = problems(text)
        #expect(message.contains(expected), "\(message)")
    }

    @Test func allProblemsAreTold() {
        let message = problems(
            "provider: {name: x}\nfunctions:\n  a:\n    labels: [b]\n    secrets: {c: d}\n    environment: [e]\n")
        #expect(message.split(separator: "\n").count == 4, "\(message)")
    }

    @Test func aSlipInAKeyIsAWarning() throws {
        let (_, warnings) = try StackReader.read(
            "provider: {name: openfaas}\nfunctions:\n  a:\n    enviroment: {}\n    x-own: 1\n", path: "stack.yaml")
        #expect(
            warnings == [
                "stack.yaml:4: \"enviroment\" is not a key of a function; did you mean \"environment\"?",
                "stack.yaml:5: \"x-own\" is not a key of a function",
            ])
    }

    /// A few lines that stand for 10^9 values.
    @Test(.timeLimit(.minutes(1))) func aBombIsDefused() {
        var text = "provider: {name: openfaas}\nfunctions:\n  a:\n    labels:\n      l0: &l0 [a,b,c,d,e,f,g,h,i,j]\n"
        for level in 1...9 {
            let item = "*l\(level - 1)"
            text += "      l\(level): &l\(level) [\(Array(repeating: item, count: 10).joined(separator: ","))]\n"
        }
        text += "    secrets: *l9\n"
        #expect(problems(text).contains("must be text, not a list"))
        let maps =
            "provider: {name: openfaas}\nfunctions:\n  a: &f {labels: {a: b}}\n"
            + (0..<60_000).map { "  f\($0): *f\n" }.joined()
        #expect(problems(maps).contains("has more than 100000 values"))
    }

    @Test func functionsAreChosen() throws {
        let file = try read("provider: {name: openfaas}\nfunctions: {api-one: {}, api-two: {}, web: {}}")
        func names(_ arguments: [String]) throws -> [String] {
            try Stack.choose(file, try StackOptions.parse(arguments)).functions.map(\.name)
        }
        #expect(try names([]) == ["api-one", "api-two", "web"])
        #expect(try names(["--filter", "api-*"]) == ["api-one", "api-two"])
        #expect(try names(["--filter", "*o*"]) == ["api-one", "api-two"])
        #expect(try names(["--regex", "^w|two$"]) == ["api-two", "web"])
        #expect(throws: CLIError.self) { try names(["--filter", "x"]) }
        #expect(throws: CLIError.self) { try names(["--regex", "("]) }
        #expect(throws: CLIError.self) { try names(["--filter", "*", "--regex", "."]) }
    }
}
