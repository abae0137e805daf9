// SPDX-License-Identifier: Apache-2.0
package import API
import Forwarding
import LinuxIO
package import Mobility
package import Wire

/// Maps what engine and forwarder know to the management model: the only file that knows both.
package struct Presentation: Sendable {
    package static let version = "0.1.0"

    package let status: API.Status

    package init(
        anchor: AnchorSnapshot,
        named name: String,
        policy: CurrentPolicy = CurrentPolicy([], of: .anchor),
        traffic: TrafficView,
        unsendable: Int,
        withheld: Int = 0,
        settings: [API.Setting] = [],
        startedAt: Instant,
        now: Instant
    ) {
        status = API.Status(
            role: .anchor,
            name: name,
            version: Self.version,
            uptimeSeconds: (now - startedAt).seconds,
            bindings: anchor.sessions.map { Self.binding($0, now: now) },
            paths: anchor.sessions.flatMap { Self.paths($0, traffic, at: .anchor, now: now) },
            flows: Self.flows(traffic, policy, anchor.sessions, now: now),
            policy: PolicyPresentation(policy, anchor.sessions, traffic).rules,
            counters: CounterList(anchor.counters, traffic, unsendable: unsendable, withheld: withheld).counters,
            settings: settings
        )
    }

    package init(
        gateway: GatewaySnapshot,
        named name: String,
        policy: CurrentPolicy = CurrentPolicy([], of: .gateway(labels: [])),
        traffic: TrafficView,
        unsendable: Int,
        withheld: Int = 0,
        relay: PrefixDelegationRelay.Counters? = nil,
        access: AccessLinkNodes.Counters? = nil,
        settings: [API.Setting] = [],
        startedAt: Instant,
        now: Instant
    ) {
        status = API.Status(
            role: .gateway,
            name: name,
            version: Self.version,
            uptimeSeconds: (now - startedAt).seconds,
            bindings: gateway.sessions.map { Self.binding($0, of: gateway, now: now) },
            paths: gateway.sessions.flatMap { Self.paths($0, traffic, at: .gateway, now: now) },
            flows: Self.flows(traffic, policy, gateway.sessions, now: now),
            policy: PolicyPresentation(policy, gateway.sessions, traffic).rules,
            counters: CounterList(
                gateway.counters,
                traffic,
                unsendable: unsendable,
                withheld: withheld,
                relay: relay,
                access: access
            ).counters,
            settings: settings
        )
    }

    private static func binding(
        _ session: Mobility.SessionSnapshot,
        of gateway: GatewaySnapshot,
        now: Instant
    ) -> API.Binding {
        var binding = binding(session, now: now)
        binding.anchor = gateway.anchor
        binding.anchorAddresses = gateway.anchorAddresses.map { "\($0)" }
        binding.brokenOut = gateway.isBrokenOut
        return binding
    }

    private static func binding(_ session: Mobility.SessionSnapshot, now: Instant) -> API.Binding {
        let longest = session.legs.compactMap(\.expiresAt).max()
        let states = Set(session.legs.map(\.state))
        return API.Binding(
            mobileNode: "\(session.identifier)",
            gateway: "\(session.gateway)",
            homeNetworkPrefixes: session.homeNetworkPrefixes.map { "\($0)" },
            delegatedPrefixes: session.delegatedPrefixes.map { "\($0)" },
            state: states.isDisjoint(with: ["active", "registered"]) ? states.sorted().first ?? "none" : "active",
            multipath: session.isMultipath,
            bindingIdentifiers: session.legs.filter { $0.lifetime != nil }.compactMap { leg in
                leg.identifier.binding.map { Int($0.rawValue) }
            },
            lifetimeSeconds: session.legs.compactMap { $0.lifetime.map { Int($0.units) * 4 } }.max() ?? 0,
            remainingSeconds: longest.map { max(0, Int(($0 - now).seconds)) } ?? 0
        )
    }

    private static func paths(
        _ session: Mobility.SessionSnapshot,
        _ traffic: TrafficView,
        at role: Forwarding.Role,
        now: Instant
    ) -> [API.Path] {
        session.legs.map { path($0, traffic.paths[$0.identifier], at: role, now: now) }
    }

    private static func path(
        _ leg: LegSnapshot,
        _ carried: PathSnapshot?,
        at role: Forwarding.Role,
        now: Instant
    ) -> API.Path {
        let learnt = carried?.learnt
        let counters = carried?.counters ?? PathCounters()
        let metrics = carried?.parameters.metrics ?? LinkMetrics()
        return API.Path(
            mobileNode: "\(leg.identifier.session)",
            bindingIdentifier: leg.identifier.binding.map { Int($0.rawValue) },
            label: leg.interfaceLabel == 0 ? nil : Int(leg.interfaceLabel),
            accessTechnology: "\(leg.accessTechnology)",
            link: leg.interface,
            localAddress: carried.map { "\($0.parameters.local)" } ?? leg.careOfAddress.map { "\($0)" } ?? "-",
            remoteAddress: carried.map { "\($0.remote)" } ?? leg.anchorAddress.map { "\($0)" } ?? "-",
            remotePort: carried.flatMap { $0.remotePort == 0 ? nil : Int($0.remotePort) },
            encapsulation: encapsulation(leg),
            registration: leg.state,
            condition: carried.map(condition) ?? "down",
            mtu: carried?.mtu,
            roundTripMilliseconds: carried?.smoothedRoundTripTime.map { hundredths($0.seconds * 1000) },
            rateBitsPerSecond: learnt.map { Int(clamping: $0.rate) }
                ?? carried?.parameters.knownRate(of: role).map { Int(clamping: $0) },
            queueMilliseconds: learnt.map { hundredths($0.queueDelay.seconds * 1000) },
            lossPercent: learnt.map { hundredths($0.loss * 100) },
            downlinkBitsPerSecond: metrics.downlinkRate.map { Int(clamping: $0) },
            uplinkBitsPerSecond: metrics.uplinkRate.map { Int(clamping: $0) },
            costClass: metrics.costClass == 0 ? nil : Int(metrics.costClass),
            quotaLeftOctets: metrics.quotaLeft.map { Int(clamping: $0) },
            sent: API.Traffic(packets: Int(clamping: counters.sentPackets), octets: Int(clamping: counters.sentOctets)),
            received: API.Traffic(
                packets: Int(clamping: counters.receivedPackets),
                octets: Int(clamping: counters.receivedOctets)
            ),
            remainingSeconds: leg.expiresAt.map { max(0, Int(($0 - now).seconds)) }
        )
    }

    private static func encapsulation(_ leg: LegSnapshot) -> String {
        let family = leg.careOfAddress?.isIPv4 == true ? "ipv4" : "ipv6"
        return leg.encapsulation.map { "\($0.rawValue)-\(family)" } ?? "-"
    }

    private static func condition(_ path: PathSnapshot) -> String {
        switch path.condition {
        case .unproven: "unproven"
        case .alive: path.learnt?.isQuarantined == true ? "quarantined" : "up"
        case .silent: "silent"
        }
    }

    private static func hundredths(_ value: Double) -> Double { (value * 100).rounded() / 100 }

    private static func flows(
        _ traffic: TrafficView,
        _ policy: CurrentPolicy,
        _ sessions: [Mobility.SessionSnapshot],
        now: Instant
    ) -> [API.Flow] {
        let own = Dictionary(policy.bindings.map { ($0.rule.identifier, $0.rule.name) }, uniquingKeysWith: { $1 })
        var names: [SessionIdentifier: [UInt16: String]] = [:]
        for session in sessions where !session.flowBindings.isEmpty {
            names[session.identifier] = Dictionary(
                session.flowBindings.map { ($0.rule.identifier, $0.rule.shownName) },
                uniquingKeysWith: { $1 }
            )
        }
        return traffic.flows.map { carried in
            API.Flow(
                mobileNode: "\(carried.session)",
                tuple: "\(carried.flow.tuple)",
                bindingIdentifier: carried.path?.binding.map { Int($0.rawValue) },
                rule: carried.flow.rule.map { own[$0] ?? names[carried.session]?[$0] ?? "FID \($0)" },
                reason: carried.flow.reason.words(at: now),
                packets: Int(clamping: carried.flow.packets),
                octets: Int(clamping: carried.flow.octets),
                idleSeconds: ((now - carried.flow.lastSeen).seconds * 10).rounded() / 10
            )
        }
    }
}

extension API.Setting {
    /// Asks the kernel for the value of now.
    init(_ change: ChangedSetting) {
        self.init(
            setting: change.setting.path,
            was: change.previous,
            value: change.value,
            isNow: try? Sysctl.read(change.setting),
            why: change.reason
        )
    }
}

extension Duration {
    /// With fractions, for showing only.
    var seconds: Double { Double(wholeNanoseconds) / 1e9 }
}
