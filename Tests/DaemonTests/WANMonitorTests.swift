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
        _ wans: [(interface: String, family: AddressFamily)],
        in namespace: LabNamespace,
        refusing: @escaping @Sendable (Int) -> Bool = { _ in false },
        _ body: () async throws -> Void
    ) async throws {
        let (told, logger) = (told, log.logger)
        let reactor = try namespace.enter { try Reactor(name: "test") }
        let monitor = try namespace.enter {
            let monitor = try WANMonitor(wans, on: reactor, logger: logger)
            var calls = 0
            try monitor.start { interface, state, mtu throws(SystemError) in
                calls += 1
                if refusing(calls), state != .down { throw SystemError(call: "bind", errno: 99, subject: interface) }
                switch state {
                case .down: told.note("\(interface) down")
                case .up(let address): told.note("\(interface) \(address) \(mtu ?? 0)")
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
            try await follow([("near", .ipv6)], in: cable.near) {
                #expect(try await told.ends(with: "near 2001:db8:1::1 1500"))
                try await cable.near.ip("link set near mtu 1400")
                #expect(try await told.ends(with: "near 2001:db8:1::1 1400"))
            }
        }
    }

    @Test func carrierAddressAndLinkMayGoAndComeBack() async throws {
        try await ScratchCable.with { cable in
            try await follow([("near", .ipv4)], in: cable.near) {
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
            try await follow([("modem", .ipv6)], in: cable.near) {
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

    @Test func onlyAddressesThatLastAreUsed() async throws {
        try await ScratchCable.with { cable in
            try await cable.near.ip("address flush dev near scope global")
            try await cable.near.set([
                "net/ipv6/conf/all/accept_dad=1", "net/ipv6/conf/near/accept_dad=1",
                "net/ipv6/conf/near/dad_transmits=1",
                "net/ipv6/conf/near/use_tempaddr=2",
            ])
            try await follow([("near", .ipv6)], in: cable.near) {
                #expect(try await told.ends(with: "near down"))
                // The far end has it: first tentative, then a duplicate.
                try await cable.near.ip("address add 2001:db8:1::2/64 dev near")
                try await cable.near.ip("address add 2001:db8:1::3/64 dev near nodad preferred_lft 0")
                let isRefused = try await Patience.wait(.seconds(5)) {
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
            let isMade = try await Patience.wait(.seconds(5)) {
                try await cable.near.ip("address show dev near").contains("temporary")
            }
            try #require(isMade)
            try await follow([("near", .ipv6)], in: cable.near) {
                let isUp = try await told.ends(with: "near 2001:db8:1::77 1500")
                #expect(isUp)
            }
        }
    }

    @Test func twoLinksWithOneAddressAreOneWAN() async throws {
        try await ScratchCable.with { cable in
            try await cable.near.ip("link add second type veth peer name port")
            try await cable.near.ip("link set port up")
            try await cable.near.ip("link set second up")
            try await cable.near.ip("address add 192.0.2.1/24 dev second")
            try await follow([("near", .ipv4), ("second", .ipv4)], in: cable.near) {
                #expect(try await told.ends(with: "second down"))
                #expect(told.entries == ["near 192.0.2.1 1500", "second down"])
                #expect(log.count("second is not used: its address 192.0.2.1 is another access network's") == 1)
                try await cable.near.ip("link set near down")
                #expect(try await told.ends(with: "second 192.0.2.1 1500"))
                #expect(told.entries.contains("near down"))
            }
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
