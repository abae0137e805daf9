// SPDX-License-Identifier: Apache-2.0
import Daemon
import Forwarding
import Lab
import LinuxIO
import Testing
import Wire

/// Gateways behind real address translators (nftables).
@Suite struct TranslatorTests {
    private static let anchor = "203.0.113.1"
    /// Of both access networks: the same private subnet twice.
    private static let careOf = "192.168.1.10"

    private struct Scene {
        let gateway: WorkerEnd
        let anchor: WorkerEnd
        /// The routers of the access networks `wan1` and `wan2`.
        let routers: [LabNamespace]

        func stop() async {
            for end in [gateway, anchor] { await end.stop() }
        }
    }

    /// A gateway with two access networks whose routers translate to 203.0.113.11 and .12.
    private func withScene(_ test: (Scene) async throws -> Void) async throws {
        try await ScratchCable.with { cable in
            let routers = ["r1", "r2"].map { LabNamespace("\(cable.near.name)-\($0)") }
            let backbone = LabNamespace("\(cable.near.name)-net")
            let spaces = routers + [backbone]
            do {
                for space in spaces { try await space.create(["net/ipv4/ip_forward=1"]) }
                try await backbone.ip("link add name bridge type bridge")
                try await backbone.ip("link set bridge up")
                try await join(cable.far, "net", backbone, "anchor", "\(Self.anchor)/24")
                for (index, router) in routers.enumerated() {
                    let wan = "wan\(index + 1)"
                    try await VirtualCable(one: .init(cable.near, wan), other: .init(router, "lan")).lay()
                    try await cable.near.ip("address add \(Self.careOf)/24 dev \(wan)")
                    try await cable.near.ip("route add default via 192.168.1.1 dev \(wan) metric \(index + 1)")
                    try await router.ip("address add 192.168.1.1/24 dev lan")
                    try await join(router, "net", backbone, wan, "203.0.113.1\(index + 1)/24")
                    let rules = """
                        table ip nat {
                            chain out { type nat hook postrouting priority 100; oif "net" masquerade random; }
                        }
                        """
                    try await router.run(["nft", rules])
                }
                let gateway = try await WorkerEnd(cable.near, .gateway)
                let scene = Scene(
                    gateway: gateway,
                    anchor: try await WorkerEnd(cable.far, .anchor),
                    routers: routers
                )
                for end in [scene.gateway, scene.anchor] { try await end.giveAddresses() }
                do {
                    try await test(scene)
                } catch {
                    await scene.stop()
                    throw error
                }
                await scene.stop()
            } catch {
                await remove(spaces)
                throw error
            }
            await remove(spaces)
        }
    }

    private func join(
        _ space: LabNamespace,
        _ interface: String,
        _ backbone: LabNamespace,
        _ port: String,
        _ address: String
    ) async throws {
        try await VirtualCable(one: .init(space, interface), other: .init(backbone, port)).lay()
        try await backbone.ip("link set \(port) master bridge")
        try await space.ip("address add \(address) dev \(interface)")
    }

    private func remove(_ spaces: [LabNamespace]) async {
        for space in spaces { _ = try? await Command.attempt(["ip", "netns", "delete", space.name]) }
    }

    private func alive(_ scene: Scene) async throws -> Bool {
        try await Patience.wait(.seconds(30)) {
            let both = await scene.gateway.conditions() + scene.anchor.conditions()
            return both == [.alive, .alive, .alive, .alive]
        }
    }

    /// At the anchor with what signalling would have seen.
    private func install(_ scene: Scene, seen: [String], _ encapsulation: Encapsulation) async throws {
        for end in [scene.gateway, scene.anchor] {
            try await end.install(session: .perPacket(reorderTimeout: .milliseconds(50)))
        }
        for (index, address) in seen.enumerated() {
            let number = Int32(index + 1)
            try await scene.gateway.install(
                path: number,
                Self.careOf,
                Self.anchor,
                encapsulation,
                device: "wan\(number)"
            )
            try await scene.anchor.install(path: number, address, Self.anchor, encapsulation)
        }
    }

    private func carriesOnBoth(_ scene: Scene) async throws {
        for isIPv4 in [false, true] {
            let output = try await scene.gateway.ping(20, isIPv4: isIPv4)
            #expect(output.contains("20 packets transmitted, 20 received"), "\(output)")
        }
        for end in [scene.gateway, scene.anchor] {
            let paths = await end.paths()
            #expect(paths.allSatisfy { $0.counters.sentPackets >= 10 && $0.counters.receivedPackets >= 10 })
        }
    }

    @Test func twoAccessNetworksWithTheSamePrivateAddress() async throws {
        try await withScene { scene in
            try await install(scene, seen: ["203.0.113.11", "203.0.113.12"], .udpTLVGRE)
            #expect(try await alive(scene))
            try await carriesOnBoth(scene)
            let paths = await scene.anchor.paths()
            // Ports at random.
            #expect(paths.allSatisfy { $0.remotePort != 5437 })
        }
    }

    @Test func twoAccessNetworksBehindOneTranslator() async throws {
        try await withScene { scene in
            // The second access network's router stands behind the first one's address as well.
            let one = scene.routers[0]
            try await scene.gateway.space.ip("address del \(Self.careOf)/24 dev wan2")
            try await scene.gateway.space.ip("link set wan2 netns \(one.name)")
            try await VirtualCable(one: .init(scene.gateway.space, "wan2"), other: .init(one, "lan2")).lay()
            try await scene.gateway.space.ip("address add 192.168.2.10/24 dev wan2")
            try await scene.gateway.space.ip("route add default via 192.168.2.1 dev wan2 metric 2")
            try await one.ip("address add 192.168.2.1/24 dev lan2")
            for end in [scene.gateway, scene.anchor] {
                try await end.install(session: .perPacket(reorderTimeout: .milliseconds(50)))
            }
            for (number, own) in [(1, Self.careOf), (2, "192.168.2.10")] as [(Int32, String)] {
                try await scene.gateway.install(path: number, own, Self.anchor, .udpTLVGRE, device: "wan\(number)")
                try await scene.anchor.install(path: number, "203.0.113.11", Self.anchor, .udpTLVGRE)
            }
            #expect(try await alive(scene))
            try await carriesOnBoth(scene)
            let ports = Set(await scene.anchor.paths().map(\.remotePort))
            #expect(ports.count == 2)
        }
    }

    @Test(arguments: [Encapsulation.udpTLVGRE, .udp])
    func aTranslatorThatChangesItsAddressIsFollowed(_ encapsulation: Encapsulation) async throws {
        try await withScene { scene in
            for end in [scene.gateway, scene.anchor] {
                try await end.install(session: .perFlow, hasKeys: encapsulation == .udpTLVGRE)
            }
            try await scene.gateway.install(path: 1, Self.careOf, Self.anchor, encapsulation, device: "wan1")
            try await scene.anchor.install(path: 1, "203.0.113.11", Self.anchor, encapsulation)
            #expect(try await Patience.wait(.seconds(30)) { await scene.anchor.conditions() == [.alive] })
            try await scene.routers[0].ip("address add 203.0.113.99/24 dev net")
            try await scene.routers[0].ip("address del 203.0.113.11/24 dev net")
            try await scene.routers[0].ip("address replace 203.0.113.99/24 dev net")
            let moved = try #require(IPAddress("203.0.113.99"))
            #expect(try await Patience.wait(.seconds(30)) { await scene.anchor.paths().map(\.remote) == [moved] })
            #expect(try await Patience.wait(.seconds(30)) { await scene.gateway.conditions() == [.alive] })
            let output = try await scene.gateway.ping(10, isIPv4: true)
            #expect(output.contains("10 received"), "\(output)")
            let moves = scene.anchor.events.entries.filter { event in
                if case .pathMoved(_, moved, _) = event { true } else { false }
            }
            #expect(!moves.isEmpty)
        }
    }
}
