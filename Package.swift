// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
import PackageDescription

// PLAIT_CORE=1 leaves only the pure targets: the everyday loop of `make test-core` resolves and
// builds nothing but swift-crypto.
let coreOnly = Context.environment["PLAIT_CORE"] != nil

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

var dependencies: [Package.Dependency] = [
    // HMAC for the mobility message authentication option (RFC 4285).
    .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2")
]

var targets: [Target] = [
    .target(name: "Wire", swiftSettings: settings),
    .target(
        name: "Mobility",
        dependencies: ["Wire", .product(name: "Crypto", package: "swift-crypto")],
        swiftSettings: settings
    ),
    .target(name: "Forwarding", dependencies: ["Wire"], swiftSettings: settings),
    .target(name: "Testbed", dependencies: ["Wire", "Mobility", "Forwarding"], swiftSettings: settings),
    .testTarget(
        name: "WireTests",
        dependencies: ["Wire", "Testbed"],
        exclude: ["Vectors", "Captures"],
        swiftSettings: settings
    ),
    .testTarget(name: "MobilityTests", dependencies: ["Wire", "Mobility", "Testbed"], swiftSettings: settings),
    .testTarget(name: "ForwardingTests", dependencies: ["Wire", "Forwarding", "Testbed"], swiftSettings: settings),
    // Measurements (`make bench`); part of this package because they see what is `package`.
    .target(name: "CAllocations", path: "Bench/Allocations"),
    .executableTarget(
        name: "Bench",
        // The running daemon is measured where there is one.
        dependencies: [
            "CAllocations", "Wire", "Mobility", "Forwarding", "Testbed",
            .product(name: "Crypto", package: "swift-crypto"),
        ] + (coreOnly ? [] : ["LinuxIO", .product(name: "GRDB", package: "GRDB.swift")]),
        path: "Bench/Measurements",
        swiftSettings: settings
    ),
]

if !coreOnly {
    dependencies += [
        // The management API's HTTP server; nobody but Management knows it.
        .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1", traits: []),
        // Subcommands, options and their help.
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        // The configuration file.
        .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
        // Log lines of the daemon and the HTTP server.
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        // Start, signals and orderly stop of the daemon's services.
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
        // SQLite: the bindings that outlive the process.
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        // Commands that the lab runs (ip, curl, iperf3).
        .package(url: "https://github.com/swiftlang/swift-subprocess", exact: "1.0.2"),
    ]
    targets += [
        .target(name: "CLinux"),
        .target(name: "LinuxIO", dependencies: ["Wire", "CLinux"], swiftSettings: settings),
        .target(name: "API", swiftSettings: settings),
        .target(
            name: "Management",
            dependencies: [
                "API",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "Daemon",
            dependencies: [
                "Wire", "Mobility", "Forwarding", "LinuxIO", "API", "Management", "Yams",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "Lab",
            dependencies: [
                "Wire", "LinuxIO", .product(name: "Subprocess", package: "swift-subprocess"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "Console",
            dependencies: [
                "API", "Wire", .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "plait",
            dependencies: [
                "Daemon", "Console", "Lab", .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: settings
        ),
        .testTarget(name: "LinuxIOTests", dependencies: ["Wire", "LinuxIO"], swiftSettings: settings),
        .testTarget(name: "LabTests", dependencies: ["Wire", "LinuxIO", "Lab"], swiftSettings: settings),
        .testTarget(
            name: "DaemonTests",
            dependencies: [
                "Wire", "Mobility", "Forwarding", "LinuxIO", "API", "Daemon", "Lab", "Testbed",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "ConsoleTests",
            dependencies: ["API", "Wire", "Console", "Management"],
            swiftSettings: settings
        ),
    ]
}

let package = Package(
    name: "plait",
    products: coreOnly ? [] : [.executable(name: "plait", targets: ["plait"])],
    dependencies: dependencies,
    targets: targets
)
