// SPDX-License-Identifier: Apache-2.0
package import Mobility
package import Wire

/// Routers on LANs of the example gateway, which is the relay agent of the example anchor.
package struct DelegationScene: Sendable {
    package var talk: Conversation
    package var relay: PrefixDelegationRelay
    /// Answers that reached clients, by the link-local address.
    package private(set) var answers: [(client: IPv6Address, message: DHCPv6Message)] = []
    /// Prefixes that are routed, and to whom.
    package private(set) var routes: [IPPrefix: IPv6Address] = [:]
    /// What is wrong with what was done.
    package private(set) var faults: [String] = []
    /// Nothing comes through to the anchor or back.
    package var isTunnelDead = false

    package init(_ talk: Conversation, links: Set<Int> = [0, 1]) {
        self.talk = talk
        relay = PrefixDelegationRelay(of: ExampleDomain.mobileNode, links: links)
        settle()
    }

    package static var anchor: AnchorSettings {
        var settings = ExampleDomain.anchor
        settings.delegation = PrefixDelegationSettings()
        return settings
    }

    package static func client(_ number: Int) -> DHCPUniqueIdentifier {
        DHCPUniqueIdentifier(LinkLayerAddress(group: IPv6Address(high: 0, low: UInt64(number))))
    }

    package static func router(_ number: Int) -> IPv6Address {
        IPv6Address(high: 0xFE80_0000_0000_0000, low: UInt64(number))
    }

    package static let server = DHCPUniqueIdentifier(
        IPv6Address("2001:db8:100::1") ?? .zero
    )

    // MARK: What happens

    /// A router of that number sends it.
    package mutating func ask(
        _ type: DHCPv6MessageType,
        of number: Int = 1,
        _ prefixes: [IPPrefix] = [],
        link: Int = 0,
        more: [DHCPv6Option] = []
    ) {
        let isServers = [.request, .renew, .release, .decline].contains(type)
        let message = DHCPv6Message(
            type,
            transaction: UInt32(number),
            [.clientIdentifier(Self.client(number))] + (isServers ? [.serverIdentifier(Self.server)] : [])
                + [.prefixAssociation(DHCPv6Association(7, prefixes.map { .prefix(DelegatedPrefix($0)) }))] + more
        )
        hear(.received(message.octets, from: Self.router(number), isUnicast: false, link: link))
    }

    package mutating func hear(_ event: PrefixDelegationRelay.Event) {
        perform(relay.handle(event, at: talk.now))
        settle()
    }

    package mutating func restore(_ leases: [PrefixLease]) {
        perform(relay.restore(leases, at: talk.now))
    }

    /// Time goes in steps, between which the gateway's engine and its relay agent look at one another.
    package mutating func passes(_ duration: Duration, step: Duration = .milliseconds(50)) {
        let end = talk.now + duration
        while talk.now < end {
            talk.passes(min(step, end - talk.now))
            if let deadline = relay.nextDeadline, deadline <= talk.now {
                perform(relay.handle(.deadline, at: talk.now))
            }
            settle()
        }
    }

    /// After the engine's turn.
    package mutating func settle() {
        guard let session = talk.gateway.delegation else { return }
        perform(relay.handle(.sessionChanged(session), at: talk.now))
    }

    private mutating func perform(_ actions: [PrefixDelegationRelay.Action]) {
        for action in actions {
            switch action {
            case .relay(let octets, let address): carry(octets, to: address)
            case .send(let octets, let client, _):
                do throws(DecodeError) {
                    answers.append((client, try DHCPv6Message(decoding: octets)))
                } catch {
                    faults.append("unreadable: \(error)")
                }
            case .name(let prefixes): talk.tell(.routersHave(prefixes))
            case .begin(let lease):
                if routes[lease.prefix] != nil { faults.append("\(lease.prefix) is routed twice") }
                if !talk.atGateway.prefixes.contains(lease.prefix) {
                    faults.append("\(lease.prefix) is not the node's")
                }
                routes[lease.prefix] = lease.router
            case .end(let lease):
                if routes.removeValue(forKey: lease.prefix) == nil { faults.append("\(lease.prefix) was not routed") }
            }
        }
    }

    private mutating func carry(_ octets: [UInt8], to address: IPv6Address) {
        guard !isTunnelDead, case .v6(let home)? = talk.gateway.delegation?.homeNetworkPrefix?.address else { return }
        if .v6(address) != ExampleDomain.anchorIPv6 { faults.append("\(address) is not the anchor") }
        guard let answer = talk.anchor.answer(relayed: octets, from: home, at: talk.anchorMoment) else { return }
        perform(relay.handle(.answered(answer, from: address), at: talk.now))
    }

    // MARK: What came of it

    package mutating func forgetAnswers() { answers = [] }

    /// The prefix in the newest answer to the router.
    package func prefix(of number: Int = 1) -> IPPrefix? {
        let answer = answers.last { $0.client == Self.router(number) }?.message
        return answer?.prefixAssociations.first?.prefixes.first { $0.validLifetime > 0 }?.prefix
    }

    package func status(of number: Int = 1) -> UInt16? {
        answers.last { $0.client == Self.router(number) }?.message.prefixAssociations.first?.status?.code
    }
}
