// swift-tools-version:6.2
import PackageDescription

/// Language features every target of ours is built with; Swift 6 mode comes from the tools version.
let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .treatAllWarnings(as: .error),
]

/// Settings of what runs for each request: one module sees into the next.
let fast: [SwiftSetting] = strict + [.unsafeFlags(["-cross-module-optimization"], .when(configuration: .release))]

/// Settings of the watchdog. One thread runs all of its Swift, so that counting references needs no atomic operations; and
/// the tests, built without these, have checked by then that no two accesses to a value overlap.
let single: [SwiftSetting] =
    fast + [
        .unsafeFlags(
            ["-enforce-exclusivity=unchecked", "-Xfrontend", "-assume-single-threaded"],
            .when(configuration: .release))
    ]

let package = Package(
    name: "faasd",
    products: [
        .executable(name: "faasd", targets: ["Faasd"]),
        .executable(name: "fwatchdog", targets: ["fwatchdog"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl.git", from: "2.37.0"),
        .package(url: "https://github.com/apple/swift-system.git", from: "1.5.0"),
        .package(url: "https://github.com/groue/GRDB.swift.git", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird.git", from: "2.28.0"),
        .package(url: "https://github.com/jpsim/Yams.git", from: "6.2.0"),
        .package(url: "https://github.com/swift-server/async-http-client.git", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess.git", from: "1.0.2"),
    ],
    targets: [
        .target(name: "OpenFaaSAPI", swiftSettings: fast),
        .target(
            name: "Proxy",
            dependencies: [
                "OpenFaaSAPI",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: fast),
        .target(
            name: "Containers",
            dependencies: [
                "CSeccomp", "CSystemd",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: strict),
        .target(
            name: "Databases", dependencies: [.product(name: "GRDB", package: "GRDB.swift")], swiftSettings: strict),
        .target(
            name: "Provider",
            dependencies: [
                "Containers", "Databases", "OpenFaaSAPI",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),
        .target(
            name: "Services",
            dependencies: [
                "Containers",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "Yams", package: "Yams"),
            ],
            swiftSettings: strict),
        .target(
            name: "NATS",
            dependencies: [
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: strict),
        .target(
            name: "Queue",
            dependencies: [
                "Databases", "NATS", "OpenFaaSAPI",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),
        .target(
            name: "Gateway",
            dependencies: [
                "CConsole", "OpenFaaSAPI", "Provider", "Proxy", "Queue",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOFoundationCompat", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: strict),
        .target(
            name: "CLI",
            dependencies: [
                "CAssets", "OpenFaaSAPI",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOFoundationCompat", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
                .product(name: "Yams", package: "Yams"),
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "Faasd",
            dependencies: [
                "CAssets", "CLI", "CSystemd", "Containers", "Databases", "Gateway", "NATS", "OpenFaaSAPI", "Provider",
                "Proxy", "Queue", "Services",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
                .product(name: "Yams", package: "Yams"),
            ],
            swiftSettings: strict),
        .target(
            name: "CAssets",
            cSettings: [
                .unsafeFlags(["-std=c23"]),
                .define("FAASD_COMMIT", to: "\"\(Context.gitInformation?.currentCommit ?? "unknown")\""),
            ]),
        // Apart from CAssets, whose flags change with each commit: Gateway would be compiled again for nothing.
        .target(name: "CConsole", cSettings: [.unsafeFlags(["-std=c23"])]),
        .systemLibrary(name: "CSystemd", pkgConfig: "libsystemd", providers: [.apt(["libsystemd-dev"])]),
        .systemLibrary(name: "CSeccomp", pkgConfig: "libseccomp", providers: [.apt(["libseccomp-dev"])]),
        .target(name: "CLinux"),
        .target(name: "WatchdogCore", dependencies: ["CLinux"], swiftSettings: single),
        .executableTarget(
            name: "fwatchdog",
            dependencies: ["CLinux", "WatchdogCore"],
            path: "Sources/Watchdog",
            swiftSettings: single,
            linkerSettings: [.unsafeFlags(["-static-executable"])]),
        .target(
            name: "TestSupport",
            dependencies: [
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            path: "Tests/TestSupport", swiftSettings: strict),
        .testTarget(name: "OpenFaaSAPITests", dependencies: ["OpenFaaSAPI"], swiftSettings: strict),
        .testTarget(
            name: "ProxyTests",
            dependencies: [
                "OpenFaaSAPI", "Proxy",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            exclude: ["Corpus"],
            swiftSettings: strict),
        .testTarget(
            name: "ContainersTests",
            dependencies: ["Containers", .product(name: "Logging", package: "swift-log")],
            exclude: ["Recorded"],
            swiftSettings: strict),
        .testTarget(
            name: "ProviderTests", dependencies: ["Containers", "OpenFaaSAPI", "Provider", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "ServicesTests",
            dependencies: [
                "Containers", "Services",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "NATSTests",
            dependencies: [
                "NATS", "TestSupport",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "QueueTests",
            dependencies: [
                "NATS", "OpenFaaSAPI", "Queue", "TestSupport",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "GatewayTests",
            dependencies: [
                "Gateway", "OpenFaaSAPI", "Provider", "Proxy", "Queue",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "CLITests",
            dependencies: [
                "CLI", "OpenFaaSAPI",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "FaasdTests",
            dependencies: [
                "Containers", "Databases", "Faasd", "Gateway", "NATS", "OpenFaaSAPI", "Proxy", "Queue",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: strict),
        .testTarget(name: "WatchdogCoreTests", dependencies: ["WatchdogCore"], swiftSettings: strict),
        .testTarget(
            name: "IntegrationTests", dependencies: ["OpenFaaSAPI", "TestSupport"], swiftSettings: strict),
        .testTarget(name: "TidyTests", swiftSettings: strict),
    ]
)
