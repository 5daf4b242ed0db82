import Containers
import Testing

@testable import Services

/// The file of services: what is understood, and what is refused.
struct ComposeTests {
    private func read(_ text: String) throws -> [ServiceSpec] {
        try ComposeReader(path: "docker-compose.yaml", folder: "/var/lib/faasd").read(text)
    }

    private func problem(_ text: String) -> String {
        do {
            _ = try read(text)
            return "none"
        } catch {
            return "\(error)"
        }
    }

    @Test func aWholeServiceIsRead() throws {
        let services = try read(
            """
            version: "3.7"
            services:
              app:
                image: ghcr.io/example/app:1
                depends_on: [cache]
              cache:
                image: redis:7
                command: redis-server --appendonly yes --requirepass "a b"
                entrypoint: ["/entry.sh"]
                environment:
                  A: 1
                  B: "x=y"
                volumes:
                  - ./redis:/data
                  - type: bind
                    source: /etc/redis.conf
                    target: /etc/redis.conf
                    read_only: true
                ports: ["6379:6379", "0.0.0.0:80:8080/tcp"]
                cap_add: [NET_RAW, CAP_SYS_NICE]
                user: "999:1000"
                restart: on-failure
                read_only: true
            """)
        // What is depended on comes first.
        #expect(services.map(\.name) == ["cache", "app"])
        let cache = services[0]
        #expect(cache.image.description == "docker.io/library/redis:7")
        #expect(cache.command == ["redis-server", "--appendonly", "yes", "--requirepass", "a b"])
        #expect(cache.entrypoint == ["/entry.sh"] && cache.user == "999:1000" && cache.restart == .onFailure)
        #expect(cache.environment.map(\.name) == ["A", "B"] && cache.environment.map(\.value) == ["1", "x=y"])
        #expect(cache.volumes.map(\.source) == ["/var/lib/faasd/redis", "/etc/redis.conf"])
        #expect(cache.volumes.map(\.readOnly) == [false, true] && cache.readOnly)
        #expect(cache.ports.map(\.address) == ["127.0.0.1", "0.0.0.0"] && cache.ports.map(\.target) == [6379, 8080])
        #expect(cache.addedCapabilities == ["CAP_NET_RAW", "CAP_SYS_NICE"])
        #expect(services[1].restart == .always && services[1].command == nil)
    }

    @Test func anEmptyFileHasNoServices() throws {
        #expect(try read("").isEmpty && read("services:\n").isEmpty)
        #expect(try ComposeFile(path: "/nonexistent/docker-compose.yaml").services().isEmpty)
    }

    @Test(arguments: [
        ("services:\n  a:\n    image: x\n    privileged: true\n", ":4: a: unknown key \"privileged\""),
        ("services:\n  a:\n    image: x\nvolumes: {}\n", ":4: unknown key \"volumes\""),
        ("services:\n  a: {}\n", ":2: a needs the key image"),
        ("services:\n  A: {image: x}\n", "\"A\" is no name"),
        ("services:\n  gateway: {image: x}\n", "gateway is a name that faasd itself has"),
        ("services:\n  a:\n    image: \"no image\"\n", "a: "),
        ("services:\n  a:\n    image: x\n    volumes: [\"data:/x\"]\n", "must be a path without"),
        ("services:\n  a:\n    image: x\n    volumes: [\"./../x:/x\"]\n", "must be a path without"),
        ("services:\n  a:\n    image: x\n    volumes: [\"./x:x\"]\n", "an absolute path in the container"),
        ("services:\n  a:\n    image: x\n    ports: [\"80\"]\n", "a port must be"),
        ("services:\n  a:\n    image: x\n    ports: [\"80:80/udp\"]\n", "a port must be"),
        ("services:\n  a:\n    image: x\n    restart: sometimes\n", ":4: a: restart must be one of no, always"),
        ("services:\n  a:\n    image: x\n    command: 'a \"b'\n", "a quote that does not end"),
        ("services:\n  a:\n    image: x\n    cap_add: [ALL]\n", "is no capability"),
        ("services:\n  a:\n    image: x\n    environment: [HOME]\n", "must be NAME=VALUE"),
        ("services:\n  a:\n    image: x\n    depends_on: [b]\n", "depends on b, which is no service"),
        ("services:\n  a: {image: x, depends_on: [b]}\n  b: {image: x, depends_on: [a]}\n", "in a circle"),
        (
            "services:\n  a: {image: x, ports: [\"80:80\"]}\n  b: {image: x, ports: [\"80:81\"]}\n",
            "a and b both want 127.0.0.1:80"
        ),
        ("services:\n  a:\n\tb", "docker-compose.yaml: line"),
        ("- a\n", "a map with the key services is expected"),
    ])
    func whatIsNotUnderstoodIsRefusedWithItsLine(text: String, expected: String) {
        #expect(problem(text).contains(expected), "\(problem(text))")
    }

    @Test func aChangeOfTheEntryIsSeen() throws {
        let one = try read("services:\n  a: {image: x, environment: {A: b}}\n")[0]
        let two = try read("services:\n  a: {image: x, environment: {A: c}}\n")[0]
        #expect(one.digest != two.digest)
        // A port is the host's affair: the container stays.
        let three = try read("services:\n  a: {image: x, environment: {A: b}, ports: [\"1:1\"]}\n")[0]
        #expect(one.digest == three.digest)
    }
}
