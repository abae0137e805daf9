// SPDX-License-Identifier: Apache-2.0
import Daemon
import Lab
import LinuxIO
import Mobility
import Testing
import Wire

/// Sites whose addresses are the upstream link's own, as a neighbour's kernel on that link sees them.
@Suite struct NeighborProxyTests {
    private let log = LogLines()

    /// Runs the anchor's network on the router while the body runs; `change` performs there what the engine wants.
    private func withAnchor(
        _ cable: TunnelCable,
        _ body: (_ change: (NetworkChange) async throws -> Void) async throws -> Void
    ) async throws {
        let reactor = try cable.router.reactor()
        let logger = log.logger
        let tunnel = try cable.index(of: "plait0")
        let blocks = [try #require(IPPrefix("2001:db8:1::/48")), try #require(IPPrefix("192.0.2.64/26"))]
        nonisolated(unsafe) let network = try cable.router.enter {
            AnchorNetwork(
                tunnel: tunnel,
                onLink: blocks,
                proxy: try NeighborProxy(device: "near", on: reactor, logger: logger),
                netlink: try NetlinkSocket(),
                logger: logger
            )
        }
        let done = Record<String>()
        func perform(_ name: String, _ body: @escaping @Sendable () -> Void) async throws {
            reactor.post {
                body()
                done.note(name)
            }
            #expect(try await done.ends(with: name))
        }
        try await perform("start") { #expect(throws: Never.self) { try network.start() } }
        try await body { change in try await perform("\(change)") { network.perform(change) } }
        try await perform("stop") { network.stop() }
        reactor.stop()
    }

    @Test func neighboursReachAssignedAddressesWithoutARoute() async throws {
        try await TunnelCable.with(["2001:db8:1:5::77/128", "192.0.2.77/32", "192.0.2.78/32"]) { cable in
            // The whole /48 is on the link, as is 192.0.2.0/24.
            try await cable.onLink.ip("address add 2001:db8:1::3/48 dev far nodad")
            try await cable.router.ip("address add 2001:db8:1::4/48 dev near nodad")
            let before = try await cable.router.imprint()
            try await withAnchor(cable) { change in
                #expect(try await cable.isCutOff(cable.onLink, "2001:db8:1:5::77"))
                #expect(try await cable.isCutOff(cable.onLink, "192.0.2.77"))
                try await change(.addPrefix(try #require(IPPrefix("2001:db8:1:5::/64"))))
                try await change(.addHomeAddress(IPv4Address(192, 0, 2, 77)))
                // The kernel keeps failed attempts for a while.
                try await cable.onLink.ip("neighbour flush all")
                #expect(try await cable.reaches(cable.onLink, "2001:db8:1:5::77"))
                #expect(try await cable.reaches(cable.onLink, "192.0.2.77"))
                // Only what is assigned.
                #expect(try await cable.isCutOff(cable.onLink, "192.0.2.78"))
                // And out of the site.
                #expect(try await cable.reaches(cable.behindTunnel, "2001:db8:1::3", as: "2001:db8:1:5::77"))
                #expect(try await cable.reaches(cable.behindTunnel, "192.0.2.2", as: "192.0.2.77"))
                try await change(.removePrefix(try #require(IPPrefix("2001:db8:1:5::/64"))))
                try await change(.removeHomeAddress(IPv4Address(192, 0, 2, 77)))
                try await cable.onLink.ip("neighbour flush all")
                #expect(try await cable.isCutOff(cable.onLink, "2001:db8:1:5::77"))
                #expect(try await cable.isCutOff(cable.onLink, "192.0.2.77"))
            }
            try await cable.router.leavesNothing(since: before)
            #expect(log.lines.isEmpty)
        }
    }

    @Test func assignedAddressCannotBeTakenOnTheLink() async throws {
        try await TunnelCable.with([]) { cable in
            try await cable.onLink.set(
                [
                    "net/ipv6/conf/all/accept_dad=1", "net/ipv6/conf/far/accept_dad=1",
                    // As many chances to be answered in time.
                    "net/ipv6/conf/far/dad_transmits=5",
                ]
            )
            try await withAnchor(cable) { change in
                try await change(.addPrefix(try #require(IPPrefix("2001:db8:1:5::/64"))))
                try await cable.onLink.ip("address add 2001:db8:1:5::9/64 dev far")
                let isRefused = try await Patience.wait(.seconds(30)) {
                    try await cable.onLink.ip("address show dev far").contains("dadfailed")
                }
                #expect(isRefused)
                try await change(.removePrefix(try #require(IPPrefix("2001:db8:1:5::/64"))))
            }
        }
    }

    @Test func linkThatIsMissingOrHasNoNeighboursIsAStartError() async throws {
        try await ScratchCable.with { cable in
            let reactor = try cable.near.reactor()
            let logger = log.logger
            try cable.near.enter {
                let missing = #expect(throws: SystemError.self) {
                    try NeighborProxy(device: "none", on: reactor, logger: logger)
                }
                #expect(missing?.errno == 19)
                let tun = try TUNDevice(name: "plait0")
                #expect(throws: SystemError.self) { try NeighborProxy(device: tun.name, on: reactor, logger: logger) }
            }
            reactor.stop()
        }
    }
}
