import Testing

@testable import Containers

@Suite struct DockerConfigTests {
    private func credentials(_ json: String, for domain: String) async throws -> RegistryCredentials? {
        try await TemporaryDirectory.with { directory in
            try directory.write(json, to: "config.json")
            let paths = [directory.path + "/missing.json", directory.path + "/config.json"]
            return try DockerConfig.credentials(for: domain, in: paths)
        }
    }

    @Test func forms() async throws {
        // base64 of "bob:s3cret:pw"
        let json = """
            {"auths":{"https://index.docker.io/v1/":{"auth":"Ym9iOnMzY3JldDpwdw=="},
            "r.example:5000":{"auth":"Ym9iOnMzY3JldDpwdw=="},"https://old.example/v2/":{"username":"u","password":"p"},
            "helper.example":{},"broken.example":{"auth":"%%"},"token.example":{"identitytoken":"x"}},
            "credsStore":"x","HttpHeaders":{"a":"b"}}
            """
        let bob = RegistryCredentials(user: "bob", password: "s3cret:pw")
        #expect(try await credentials(json, for: "docker.io") == bob)
        #expect(try await credentials(json, for: "r.example:5000") == bob)
        #expect(try await credentials(json, for: "old.example") == RegistryCredentials(user: "u", password: "p"))
        #expect(try await credentials(json, for: "r.example") == nil)
        #expect(try await credentials(json, for: "helper.example") == nil)
        for (domain, code) in [
            ("broken.example", ContainersError.Code.invalidArgument), ("token.example", .unauthorized),
        ] {
            let error = await #expect(throws: ContainersError.self) { try await credentials(json, for: domain) }
            #expect(error?.code == code)
        }
    }

    @Test func otherFiles() async throws {
        #expect(try await credentials("{}", for: "docker.io") == nil)
        for text in ["", "[]", "{\"auths\":[]}", "x"] {
            let error = await #expect(throws: ContainersError.self) { try await credentials(text, for: "docker.io") }
            #expect(error?.code == .invalidArgument)
        }
    }

    @Test func theTextFormShowsNoPassword() {
        let credentials = RegistryCredentials(user: "bob", password: "s3cret")
        var dumped = ""
        dump(credentials, to: &dumped)
        for text in ["\(credentials)", String(reflecting: credentials), dumped] { #expect(!text.contains("s3cret")) }
    }
}
