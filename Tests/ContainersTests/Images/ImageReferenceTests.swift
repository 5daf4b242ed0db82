import Testing

@testable import Containers

@Suite struct ImageReferenceTests {
    private static let digest = "sha256:" + String(repeating: "0a", count: 32)

    @Test(arguments: [
        ("alpine", "docker.io/library/alpine:latest", "alpine:latest"),
        ("alpine:3.20", "docker.io/library/alpine:3.20", "alpine:3.20"),
        ("functions/alpine", "docker.io/functions/alpine:latest", "functions/alpine:latest"),
        ("docker.io/alpine", "docker.io/library/alpine:latest", "alpine:latest"),
        ("index.docker.io/functions/alpine", "docker.io/functions/alpine:latest", "functions/alpine:latest"),
        ("ghcr.io/openfaas/figlet:latest", "ghcr.io/openfaas/figlet:latest", "ghcr.io/openfaas/figlet:latest"),
        ("localhost/a", "localhost/a:latest", "localhost/a:latest"),
        ("localhost:5000/a:b", "localhost:5000/a:b", "localhost:5000/a:b"),
        ("127.0.0.1:5000/a/b/c", "127.0.0.1:5000/a/b/c:latest", "127.0.0.1:5000/a/b/c:latest"),
        ("[::1]:5000/a", "[::1]:5000/a:latest", "[::1]:5000/a:latest"),
        ("a__b/c.d-e--f_g:T-1.x", "docker.io/a__b/c.d-e--f_g:T-1.x", "a__b/c.d-e--f_g:T-1.x"),
        ("Registry.example/a", "Registry.example/a:latest", "Registry.example/a:latest"),
        ("alpine@\(digest)", "docker.io/library/alpine@\(digest)", "alpine@\(digest)"),
        ("alpine:3@\(digest)", "docker.io/library/alpine:3@\(digest)", "alpine:3@\(digest)"),
    ])
    func good(text: String, full: String, familiar: String) throws {
        let reference = try ImageReference(text)
        #expect(reference.description == full)
        #expect(reference.familiar == familiar)
        #expect(try ImageReference(full) == reference)
        #expect(try ImageReference(familiar) == reference)
    }

    @Test(arguments: [
        "", " ", "a b", "-x", "--rm", "Alpine", "a/B", "a//b", "/a", "a/", "a:", "a:b:c", "a:.x", "a:-x", "a..b", "a.",
        "_a", "a_", "a___b", "a._b", "../a", "a/../b", "ex ample.com/a", "example.com:/a", "example.com:0/a",
        "example.com:99999/a", "exa_mple.com/a", "-example.com/a", "[::1/a", "[x]:5/a", "a@sha256:12", "a@md5:00",
        "a@\(digest.uppercased())", "a\n", "é", "a?b", "http://a/b", String(repeating: "a", count: 256),
        "a:" + String(repeating: "t", count: 129),
    ])
    func bad(text: String) {
        let error = #expect(throws: ContainersError.self) { try ImageReference(text) }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.hasPrefix("invalid image \"") == true)
    }

    /// Whatever is accepted is stable, and has nothing that could be an option or leave its place.
    @Test func randomTexts() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SplitMix(state: seed)
        let alphabet = Array("aB0._-/:@[] \t\n")
        for _ in 0..<20_000 {
            let text = String(
                (0..<Int.random(in: 0...12, using: &random)).map { _ in alphabet.randomElement(using: &random) ?? "a" })
            guard let reference = try? ImageReference(text) else { continue }
            let full = reference.description
            #expect(try ImageReference(full) == reference, "seed \(seed)")
            // A tag may have dots in a row; it is never a part of a path.
            let name = reference.name
            #expect(!name.hasPrefix("-") && !name.contains("..") && !name.contains("//"), "seed \(seed)")
        }
    }
}

/// A small random generator with a seed that can be printed.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
