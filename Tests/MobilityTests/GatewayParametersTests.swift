// SPDX-License-Identifier: Apache-2.0
import Mobility
import Testbed
import Testing
import Wire

/// Timers that the anchor dictates (RFC 8127 §5.2).
@Suite struct GatewayParametersTests {
    typealias Domain = ExampleDomain

    private func registered(_ subOptions: [any SubOption]) -> LoneGateway {
        var settings = Domain.gateway
        // Nobody answers them here.
        settings.heartbeatInterval = .seconds(1_000_000)
        var alone = LoneGateway(settings)
        alone.answer { $0.options.append(LMAControlledMAGParameters(SubOptions(subOptions))) }
        return alone
    }

    private func heartbeats(of alone: LoneGateway) -> Int {
        alone.sent.count { $0.octets.count > 2 && $0.octets[2] == Heartbeat.type }
    }

    @Test func refreshAndRetransmissionsFollowTheAnchor() {
        var alone = registered([Parameters.registrations()])
        alone.forgetMessages()
        alone.passes(.seconds(2999))
        #expect(alone.updates.isEmpty)
        alone.passes(.milliseconds(1500))
        #expect(alone.updates.count == 1)
        // Again after 2, 4, 8 and 8 seconds.
        for (index, pause) in [2, 4, 8, 8].enumerated() {
            alone.passes(.seconds(pause) - .milliseconds(1000))
            #expect(alone.updates.count == index + 1)
            alone.passes(.milliseconds(1000))
            #expect(alone.updates.count == index + 2)
        }
    }

    @Test func heartbeatsFollowTheAnchor() {
        var alone = registered([Parameters.heartbeats()])
        alone.passes(.seconds(14))
        #expect(heartbeats(of: alone) == 3)
        #expect(!alone.ledger.notices.contains(.peerUnreachable(Domain.anchorIPv6)))
        alone.passes(.seconds(2))
        #expect(alone.ledger.notices.contains(.peerUnreachable(Domain.anchorIPv6)))
    }

    @Test(arguments: 0..<5)
    func acceptanceWithAForbiddenZeroIsIgnored(_ number: Int) {
        let zeros: [any SubOption] = [
            Parameters.registrations(0), Parameters.registrations(150, 0), Parameters.registrations(150, 2, 0),
            Parameters.heartbeats(0), Parameters.heartbeats(30, 5, 0),
        ]
        var alone = registered([zeros[number]])
        #expect(alone.drops == [.unusableParameters: 1] && alone.ledger.isEmpty)
        // As if no answer had come.
        alone.passes(.milliseconds(1100))
        #expect(alone.updates.count == 2)
        alone.answer()
        #expect(alone.ledger.paths.count == 1)
    }

    @Test func onlyTheDelayOfHeartbeatsMayBeZero() {
        var alone = registered([Parameters.heartbeats(30, 0, 2)])
        #expect(alone.ledger.paths.count == 1)
        alone.passes(.seconds(29))
        #expect(heartbeats(of: alone) == 1)
    }

    /// F14: whatever is granted, it is refreshed before its end, and not in a loop.
    @Test(arguments: [1, 2, 10, 100, 0xFFFF] as [UInt16], [nil, 1, 10, 0xFFFF] as [UInt16?])
    func everyLifetimeIsRefreshedInTimeAndCalmly(_ units: UInt16, _ before: UInt16?) {
        var settings = Domain.gateway
        settings.lifetime = BindingLifetime(units: .max).duration
        settings.heartbeatInterval = .seconds(1_000_000)
        var alone = LoneGateway(settings)
        alone.answer {
            $0.lifetime = BindingLifetime(units: units)
            guard let before else { return }
            $0.options.append(LMAControlledMAGParameters(SubOptions([Parameters.registrations(before)])))
        }
        let begin = alone.now.instant
        while alone.updates.count == 1 { alone.passes(.milliseconds(500)) }
        let waited = alone.now.instant - begin
        #expect(waited >= .milliseconds(2500) && waited < BindingLifetime(units: units).duration)
        #expect(alone.ledger.paths.count == 1)
    }
}

private enum Parameters {
    static func registrations(
        _ before: UInt16 = 150,
        _ initial: UInt16 = 2,
        _ maximum: UInt16 = 8
    ) -> ReregistrationControl {
        ReregistrationControl(
            startTime: BindingLifetime(units: before),
            initialRetransmissionTime: initial,
            maximumRetransmissionTime: maximum
        )
    }

    static func heartbeats(
        _ interval: UInt16 = 30,
        _ delay: UInt16 = 5,
        _ maximum: UInt16 = 2
    ) -> HeartbeatControl {
        HeartbeatControl(interval: interval, retransmissionDelay: delay, maximumRetransmissions: maximum)
    }
}
