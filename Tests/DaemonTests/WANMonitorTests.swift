// SPDX-License-Identifier: Apache-2.0
import Daemon
import Lab
import LinuxIO
import Logging
import Mobility
import Testing
import Wire

/// The WAN links of a gateway, as the kernel tells of them.
@Suite struct WANMonitorTests {
    private let told = Record<String>()
    private let log = LogLines()

    /// Follows these links of the near namespace while the body runs.
    private func follow(
        _ wans: [(link: String, family: AddressFamily)],
        in namespace: LabNamespace,
        refusing: @escaping @Sendable (Int) -> Bool = { _ in false },
        _ body: () async throws -> Void
    ) async throws {
        let (told, logger) = (told, log.logger)
        let networks = wans.enumerated().map { AccessNetwork(like: $1.link, number: UInt8($0 + 1), $1.family) }
        let reactor = try namespace.enter { try Reactor(name: "test") }
        let monitor = try namespace.enter {
            let monitor = try WANMonitor(networks, on: reactor, logger: logger)
            var calls = 0
            try monitor.start { name, state, link throws(SystemError) in
                calls += 1
                if refusing(calls), state != .down { throw SystemError(call: "bind", errno: 99, subject: name) }
                let place = link.map { $0.name == name ? name : "\(name) (\($0.name))" } ?? name
                switch state {
                case .down: told.note("\(name) down")
                case .up(let address): told.note("\(place) \(address) \(link?.mtu ?? 0)")
                }
            }
            return monitor
        }
        try reactor.start()
        defer {
            reactor.stop()
            withExtendedLifetime(monitor) {}
        }
        try await body()
    }

    @Test func aLinkThatIsUpIsToldWithItsAddressAndMTU() async throws {
        try await ScratchCable.with { cable in
            try await follow([("near", .ipv6)], in: cable.near) { () async throws in
                #expect(try await told.ends(with: "near 2001:db8:1::1 1500"))
                try await cable.near.ip("link set near mtu 1400")
                #expect(try await told.ends(with: "near 2001:db8:1::1 1400"))
            }
        }
    }

    @Test func carrierAddressAndLinkMayGoAndComeBack() async throws {
        try await ScratchCable.with { cable in
            try await follow([("near", .ipv4)], in: cable.near) { () async throws in
                #expect(try await told.ends(with: "near 192.0.2.1 1500"))
                try await cable.far.ip("link set far down")
                #expect(try await told.ends(with: "near down"))
                try await cable.far.ip("link set far up")
                #expect(try await told.ends(with: "near 192.0.2.1 1500"))
                try await cable.near.ip("address add 192.0.2.9/24 dev near")
                try await cable.near.ip("address del 192.0.2.1/24 dev near")
                // The kernel takes the secondary address of a subnet away with the first.
                try await cable.near.ip("address replace 192.0.2.9/24 dev near")
                #expect(try await told.ends(with: "near 192.0.2.9 1500"))
            }
        }
    }

    @Test func aLinkMayAppearLaterAndBeReplacedByAnother() async throws {
        try await ScratchCable.with { cable in
            try await follow([("modem", .ipv6)], in: cable.near) { () async throws in
                #expect(try await told.ends(with: "modem down"))
                #expect(log.lines == ["warning: there is no link modem"])
                func plugIn() async throws {
                    let batch = """
                        link add modem type veth peer name port
                        link set port up
                        link set modem up
                        address add 2001:db8:7::1/64 dev modem
                        """
                    try await cable.near.run(["sh", "-c", "printf '\(batch)' | ip -batch -"])
                }
                try await plugIn()
                #expect(try await told.ends(with: "modem 2001:db8:7::1 1500"))
                try await cable.near.ip("link del modem")
                #expect(try await told.ends(with: "modem down"))
                try await plugIn()
                #expect(try await told.ends(with: "modem 2001:db8:7::1 1500"))
                #expect(told.entries.count == 4)
            }
        }
    }

    @Test func onlyAddressesThatAreSureAreUsed() async throws {
        try await ScratchCable.with { cable in
            try await cable.near.ip("address flush dev near scope global")
            try await cable.near.set([
                "net/ipv6/conf/all/accept_dad=1", "net/ipv6/conf/near/accept_dad=1",
                "net/ipv6/conf/near/dad_transmits=1",
                "net/ipv6/conf/near/use_tempaddr=2",
            ])
            try await follow([("near", .ipv6)], in: cable.near) { () async throws in
                #expect(try await told.ends(with: "near down"))
                // The far end has it: first tentative, then a duplicate.
                try await cable.near.ip("address add 2001:db8:1::2/64 dev near")
                let isRefused = try await Patience.wait(.seconds(30)) {
                    try await cable.near.ip("address show dev near").contains("dadfailed")
                }
                #expect(isRefused)
                #expect(told.entries == ["near down"])
                try await cable.near.ip("address add 2001:db8:1::5/64 dev near nodad")
                #expect(try await told.ends(with: "near 2001:db8:1::5 1500"))
            }
        }
    }

    @Test func aTemporaryAddressIsTheLastChoice() async throws {
        try await ScratchCable.with { cable in
            try await cable.near.ip("address flush dev near scope global")
            try await cable.near.set(["net/ipv6/conf/near/use_tempaddr=2"])
            let lifetimes = "valid_lft 3600 preferred_lft 1800"
            try await cable.near.ip("address add 2001:db8:1::77/64 dev near mngtmpaddr nodad \(lifetimes)")
            let isMade = try await Patience.wait(.seconds(30)) {
                try await cable.near.ip("address show dev near").contains("temporary")
            }
            try #require(isMade)
            try await follow([("near", .ipv6)], in: cable.near) { () async throws in
                let isUp = try await told.ends(with: "near 2001:db8:1::77 1500")
                #expect(isUp)
            }
        }
    }

    @Test func theSameAddressMayBeOnTwoLinks() async throws {
        try await ScratchCable.with { cable in
            try await cable.near.ip("link add second type veth peer name port")
            try await cable.near.ip("link set port up")
            try await cable.near.ip("link set second up")
            try await cable.near.ip("address add 192.0.2.1/24 dev second")
            try await follow([("near", .ipv4), ("second", .ipv4)], in: cable.near) { () async throws in
                #expect(try await told.ends(with: "second 192.0.2.1 1500"))
                #expect(told.entries == ["near 192.0.2.1 1500", "second 192.0.2.1 1500"])
                #expect(log.lines.isEmpty)
            }
        }
    }

    /// A provider renumbers: both addresses are there for a while.
    @Test func aPathMovesFromADeprecatedAddressToThePreferredOne() async throws {
        try await ScratchCable.with { cable in
            try await follow([("near", .ipv6)], in: cable.near) { () async throws in
                #expect(try await told.ends(with: "near 2001:db8:1::1 1500"))
                // A second one alone is no reason.
                try await cable.near.ip("address add 2001:db8:2::1/64 dev near nodad")
                try await cable.near.ip("link set near mtu 1400")
                #expect(try await told.ends(with: "near 2001:db8:1::1 1400"))
                try await cable.near.ip("address change 2001:db8:1::1/64 dev near preferred_lft 0")
                #expect(try await told.ends(with: "near 2001:db8:2::1 1400"))
                // Deprecated is better than none.
                try await cable.near.ip("address del 2001:db8:2::1/64 dev near")
                #expect(try await told.ends(with: "near 2001:db8:1::1 1400"))
            }
        }
    }

    @Test func aPatternTakesTheFirstLinkAndKeepsItWhileItExists() async throws {
        try await ScratchCable.with { cable in
            func plugIn(_ name: String, _ address: String) async throws {
                try await cable.near.ip("link add \(name) type veth peer name \(name)-port")
                try await cable.near.ip("link set \(name)-port up")
                try await cable.near.ip("link set \(name) up")
                try await cable.near.ip("address add \(address)/64 dev \(name) nodad")
            }
            try await plugIn("wwan1", "2001:db8:7::1")
            try await follow([("wwan?", .ipv6)], in: cable.near) { () async throws in
                #expect(try await told.ends(with: "wwan? (wwan1) 2001:db8:7::1 1500"))
                try await plugIn("wwan0", "2001:db8:8::1")
                try await cable.near.ip("link set wwan1 mtu 1400")
                #expect(try await told.ends(with: "wwan? (wwan1) 2001:db8:7::1 1400"))
                try await cable.near.ip("link del wwan1")
                #expect(try await told.ends(with: "wwan? (wwan0) 2001:db8:8::1 1500"))
                #expect(told.entries.contains("wwan? down"))
            }
        }
    }

    @Test func aModemIsKnownByItsAddressWhateverItsName() async throws {
        try await ScratchCable.with { cable in
            try await cable.near.ip("link set near address 02:00:5e:10:00:ab")
            try await follow([("02:00:5E:10:00:AB", .ipv4)], in: cable.near) { () async throws in
                #expect(try await told.ends(with: "02:00:5e:10:00:ab (near) 192.0.2.1 1500"))
                try await cable.near.run(["ip", "link", "set", "near", "name", "usb7"])
                #expect(try await told.ends(with: "02:00:5e:10:00:ab (usb7) 192.0.2.1 1500"))
                try await cable.near.ip("link set usb7 address 02:00:5e:10:00:cd")
                #expect(try await told.ends(with: "02:00:5e:10:00:ab down"))
                #expect(log.lines.last == "warning: there is no link with the address 02:00:5e:10:00:ab")
            }
        }
    }

    /// As PPP does: one neighbour, no link-layer addresses, an MTU of its own.
    @Test func aPointToPointLinkIsAnAccessNetwork() async throws {
        try await ScratchCable.with { cable in
            let device = try cable.near.enter { try TUNDevice(name: "ppp3") }
            try await cable.near.ip("link set ppp3 up mtu 1492")
            try await cable.near.ip("address add 10.64.0.2 peer 10.64.0.1/32 dev ppp3")
            try await follow([("ppp*", .ipv4)], in: cable.near) { () async throws in
                #expect(try await told.ends(with: "ppp* (ppp3) 10.64.0.2 1492"))
            }
            withExtendedLifetime(device) {}
        }
    }

    @Test func twoAccessNetworksDoNotShareALink() async throws {
        try await ScratchCable.with { cable in
            try await cable.near.ip("link set near address 02:00:5e:10:00:ab")
            try await follow([("near", .ipv4), ("02:00:5e:10:00:ab", .ipv6)], in: cable.near) { () async throws in
                #expect(try await told.ends(with: "02:00:5e:10:00:ab down"))
                let complaint = "warning: 02:00:5e:10:00:ab is not used: its link near has another purpose already"
                #expect(log.lines == [complaint])
            }
        }
    }

    @Test func anAddressOfTheAnchorsKindIsPreferred() async throws {
        try await ScratchCable.with { cable in
            try await cable.near.ip("address add fd00:7::1/64 dev near nodad")
            let chosen = try cable.near.enter {
                let addresses = try NetlinkSocket().addresses()
                return ["2001:db8:9::9", "fd00:9::9"].map { anchor in
                    CareOfAddress.choose(from: addresses, of: .ipv6, towards: IPAddress(anchor), present: nil)
                }
            }
            #expect(chosen == [IPAddress("2001:db8:1::1"), IPAddress("fd00:7::1")])
        }
    }

    @Test func aWANThatCannotBeTakenUpIsTriedAgain() async throws {
        try await ScratchCable.with { cable in
            try await follow([("near", .ipv6)], in: cable.near, refusing: { $0 < 3 }) {
                let isUp = try await told.ends(with: "near 2001:db8:1::1 1500")
                #expect(isUp)
                #expect(log.lines == ["warning: bind of near: Cannot assign requested address"])
            }
        }
    }
}
