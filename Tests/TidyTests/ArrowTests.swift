import Testing

/// Dependencies between rooms point one way. The package manager refuses only circles; an undeclared import
/// downwards or sideways would build.
struct ArrowTests {
    /// What each room may import of the others.
    static let arrows: [String: Set<String>] = [
        "OpenFaaSAPI": [],
        "Proxy": ["OpenFaaSAPI"],
        "Containers": ["CSeccomp", "CSystemd"],
        "Databases": [],
        "Provider": ["Containers", "Databases", "OpenFaaSAPI"],
        "Services": ["Containers"],
        "NATS": [],
        "Queue": ["Databases", "NATS", "OpenFaaSAPI"],
        "Gateway": ["CConsole", "OpenFaaSAPI", "Provider", "Proxy", "Queue"],
        "CLI": ["CAssets", "OpenFaaSAPI"],
        "Faasd": [
            "CAssets", "CLI", "CSystemd", "Containers", "Databases", "Gateway", "NATS", "OpenFaaSAPI", "Provider",
            "Proxy", "Queue", "Services",
        ],
        "WatchdogCore": ["CLinux"],
        "Watchdog": ["CLinux", "WatchdogCore"],
    ]

    /// Rooms of C, which hold no Swift.
    static let foreign: Set<String> = ["CAssets", "CConsole", "CLinux", "CSystemd", "CSeccomp"]

    /// Modules that have no place in a room: what makes the rooms fast and small.
    static let banned: [String: Set<String>] = [
        "OpenFaaSAPI": ["Foundation", "FoundationEssentials", "NIOCore"],
        "Queue": ["NIOCore", "NIOPosix", "NIOHTTP1", "AsyncHTTPClient", "Hummingbird"],
        "Proxy": ["Foundation", "FoundationEssentials", "NIOFoundationCompat", "NIOHTTP1", "Hummingbird"],
        "WatchdogCore": ["Foundation", "FoundationEssentials", "Dispatch", "NIOCore"],
        "Watchdog": ["Foundation", "FoundationEssentials", "Dispatch", "NIOCore"],
    ]

    @Test func everyRoomIsOnTheMap() {
        let rooms = Set(Repository.folders(below: "Sources"))
        #expect(rooms == Set(Self.arrows.keys).union(Self.foreign))
    }

    @Test(arguments: arrows.keys.sorted()) func importsFollowTheArrows(room: String) throws {
        let allowed = try #require(Self.arrows[room])
        let rooms = Set(Self.arrows.keys).union(Self.foreign)
        let files = Repository.swiftFiles(below: "Sources/\(room)")
        #expect(!files.isEmpty)
        for file in files {
            for module in Self.imports(file.lines) {
                #expect(
                    !rooms.contains(module) || allowed.contains(module) || module == room,
                    "\(file.path) imports \(module), which is not below it")
                #expect(
                    Self.banned[room]?.contains(module) != true, "\(file.path) imports \(module), which is banned here")
            }
        }
    }

    static func imports(_ lines: [Substring]) -> [String] {
        lines.compactMap { line in
            let words = line.split(separator: " ")
            guard let index = words.firstIndex(of: "import"), index < 3, words.count > index + 1 else { return nil }
            // Only access levels and attributes may stand before it; a sentence in a comment is no import.
            let before = words[..<index]
            guard before.allSatisfy({ ["public", "package", "internal", "private"].contains($0) || $0.hasPrefix("@") })
            else { return nil }
            return words[index + 1].split(separator: ".").first.map(String.init)
        }
    }

    @Test func importsAreSeen() {
        #expect(
            Self.imports(["import A", "public import B", "@preconcurrency import C.D", "// import E", "x import F"])
                == ["A", "B", "C"])
    }
}
