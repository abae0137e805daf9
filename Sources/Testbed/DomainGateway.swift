// SPDX-License-Identifier: Apache-2.0
package import Mobility
package import Wire

/// One gateway of a virtual domain with its access networks.
package struct DomainGateway: Sendable {
    package var settings: GatewaySettings
    package var engine: MobileAccessGateway
    package var network: VirtualNetwork
    package var ledger = Ledger()
    /// How far its clock is ahead of the anchor's.
    package var clockAhead: Duration = .zero
    /// What its links have, by the WAN's name; a message to or from any other address goes nowhere.
    package var addresses: [String: IPAddress] = [:]
    /// Of the last virtual second.
    var pace = Pace()
    /// What an anchor has revoked, by the WAN's name: not asked for again before.
    private var away: [String: Instant] = [:]
    /// Repetitions are answered again, but mean nothing new.
    private var answeredRevocations: Set<UInt16> = []

    init(_ settings: GatewaySettings, network: VirtualNetwork, seed: UInt64) {
        self.settings = settings
        self.network = network
        engine = MobileAccessGateway(settings, seed: seed)
    }

    func has(_ address: IPAddress) -> Bool { addresses.values.contains(address) }

    /// Without state, but never again with a counter that it had.
    mutating func beginsAnew(serving node: NodeIdentifier, seed: UInt64) {
        settings.mobileNode = node
        settings.restartCounter += 1
        engine = MobileAccessGateway(settings, seed: seed)
        ledger = Ledger()
        (away, answeredRevocations) = ([:], [])
    }

    /// Who is started, or told to register again, need not stay away any longer.
    mutating func hears(_ event: MobileAccessGateway.Event, _ message: MobilityMessage?) {
        if event == .request(.start) { away = [:] }
        if case .updateNotification = message { away = [:] }
    }

    /// What is wrong with it, if anything is.
    mutating func says(
        _ message: MobilityMessage,
        on wan: String?,
        after heard: MobilityMessage?,
        at now: Instant
    ) -> String? {
        switch (message, heard) {
        case (.bindingRevocationAcknowledgement(let reply), .bindingRevocationIndication(let indication)):
            guard reply.status.isAccepted, answeredRevocations.insert(reply.sequence).inserted else { return nil }
            stayAway(from: indication, except: reply.options.all(BindingIdentifierOption.self), at: now)
            return nil
        case (.bindingUpdate(let update), _):
            guard !update.lifetime.isZero, let wan, let until = away[wan], now < until else { return nil }
            return "registers over \(wan), which was revoked"
        default: return nil
        }
    }

    /// For a minute, as after a refusal.
    private mutating func stayAway(
        from indication: BindingRevocationIndication,
        except missing: [BindingIdentifierOption],
        at now: Instant
    ) {
        guard !indication.flags.contains(.ipv4HomeAddressOnly) else { return }
        let named = indication.options.all(BindingIdentifierOption.self).filter { !missing.contains($0) }
        for wan in settings.wans {
            let isMeant = named.contains { $0.identifier == UInt16(wan.binding.rawValue) }
            if named.isEmpty || isMeant { away[wan.name] = now + .seconds(60) }
        }
    }
}
