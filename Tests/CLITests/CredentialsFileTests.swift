import Foundation
import Testing

@testable import CLI

/// `~/.openfaas/config.yml`.
struct CredentialsFileTests {
    private func with(_ body: (Surroundings) throws -> Void) throws {
        let directory = NSTemporaryDirectory() + "cli-config-\(UInt64.random(in: 0 ... .max))"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try body(Surroundings(environment: ["HOME": directory], directory: directory))
    }

    private let here = try? GatewayAddress("http://127.0.0.1:8080/")

    @Test func whatIsSavedIsFoundAndRemoved() throws {
        let here = try #require(here)
        try with { surroundings in
            let file = try CredentialsFile(surroundings)
            #expect(try file.entries().isEmpty)
            try file.save(.init(gateway: here.text, auth: "basic", token: "YTpi"))
            try file.save(.init(gateway: "https://other", auth: "oauth2", token: "1: #"))
            try file.save(.init(gateway: here.text, auth: "basic", token: "YTpj"))
            #expect(try file.entries().count == 2)
            #expect(try file.entry(for: here)?.authorization == "Basic YTpj")
            #expect(try file.entry(for: GatewayAddress("https://other"))?.authorization == "Bearer 1: #")
            let attributes = try FileManager.default.attributesOfItem(atPath: file.path)
            #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600)
            try file.remove(here)
            #expect(try file.entry(for: here) == nil)
            #expect(throws: CLIError.self) { try file.remove(here) }
            try file.remove(GatewayAddress("https://other"))
            #expect(try String(contentsOfFile: file.path, encoding: .utf8) == "auths: []\n")
        }
    }

    /// What `faas-cli` writes, to the letter.
    @Test func theFormatIsTheRealOne() throws {
        let text = "auths:\n- gateway: http://127.0.0.1:8080\n  auth: basic\n  token: YWRtaW46eA==\n  options: []\n"
        let entries = try CredentialsFile.parse(text, path: "config.yml")
        #expect(entries == [.init(gateway: "http://127.0.0.1:8080", auth: "basic", token: "YWRtaW46eA==")])
        #expect(CredentialsFile.render(entries) == text)
        let plugin =
            "auths:\n- gateway: https://a\n  auth: oauth2\n  token: t\n  options:\n  - name: user\n    value: me\n"
        #expect(CredentialsFile.render(try CredentialsFile.parse(plugin, path: "config.yml")) == plugin)
    }

    @Test func aBrokenFileIsNamed() {
        let error = #expect(throws: CLIError.self) { try CredentialsFile.parse("auths: [", path: "/x/config.yml") }
        #expect(error?.message.hasPrefix("/x/config.yml") == true)
    }

    @Test func theDirectoryIsChosen() throws {
        func path(_ environment: [String: String]) throws -> String {
            try CredentialsFile(Surroundings(environment: environment, directory: "/work")).path
        }
        #expect(try path(["HOME": "/home/a"]) == "/home/a/.openfaas/config.yml")
        #expect(try path(["HOME": "/home/a", "OPENFAAS_CONFIG": "~/x"]) == "/home/a/x/config.yml")
        #expect(try path(["HOME": "/home/a", "CI": "true"]) == "/work/.openfaas/config.yml")
        #expect(try path(["CI": "1", "OPENFAAS_CONFIG": "/c"]) == "/c/config.yml")
        #expect(throws: CLIError.self) { try path([:]) }
    }

    @Test(arguments: ["", "true", "1.5", "a: b", "a #b", "\u{1}", "- x", "~", "héé", "a\"b\\", "x\ny", "yes", ".5"])
    func anyTextSurvivesYAML(text: String) throws {
        let entry = CredentialsFile.Entry(gateway: "http://g", auth: "basic", token: text)
        #expect(try CredentialsFile.parse(CredentialsFile.render([entry]), path: "x").first?.token == text)
    }
}
