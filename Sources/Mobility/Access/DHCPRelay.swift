// SPDX-License-Identifier: Apache-2.0
import Wire

/// The rules of a relay agent between nodes on an access link and a DHCP server (RFC 1542 §4.1, RFC 3046 §2.1,
/// RFC 5844 §3.4.2). The address is the anchor's choice: who speaks of another is not passed on.
struct DHCPRelay: Equatable, Sendable {
    enum Verdict: Equatable, Sendable {
        case pass(DHCPMessage)
        /// It is about this address, and not the node's.
        case otherAddress(IPv4Address)
        case drop
    }

    /// RFC 1542 §4.1.1
    private static let mostHops: UInt8 = 16

    var settings: DHCPRelaySettings

    /// What goes to the server of what the node says.
    func forward(_ message: DHCPMessage, of home: HomeAddressAssignment) -> Verdict {
        // RFC 3046 §2.1: before us nobody is to be believed about the client.
        guard message.hops < Self.mostHops, message.options[.relayAgentInformation] == nil, let type = message.type
        else { return .drop }
        switch type {
        case .discover: break
        case .request, .decline, .release, .inform:
            guard let named = message.namedAddress else { return .drop }
            guard named == home.address else { return .otherAddress(named) }
        case .offer, .acknowledge, .refuse: return .drop
        }
        var relayed = message
        relayed.hops += 1
        relayed.relayAddress = settings.address ?? .zero
        relayed.options[.relayAgentInformation] = information(of: home).octets
        return .pass(relayed)
    }

    private func information(of home: HomeAddressAssignment) -> RelayAgentInformation {
        var subnet = home.address
        if case .v4(let address) = home.subnet.address { subnet = address }
        return RelayAgentInformation(
            remoteIdentifier: home.address,
            linkSelection: subnet,
            serverIdentifierOverride: home.router.isUnspecified ? nil : home.router
        )
    }

    /// What goes to the node of what the server answers to its request: with what it has to know of its home link,
    /// whether the server knows that or not (RFC 5844 §3.4.3).
    func answer(
        _ reply: DHCPMessage,
        to request: DHCPMessage,
        of home: HomeAddressAssignment,
        _ terms: LeaseTerms
    ) -> Verdict {
        guard reply.operation == .reply, reply.hardwareType == DHCPMessage.ethernet,
            reply.transaction == request.transaction, let type = reply.type
        else { return .drop }
        var answer = reply
        answer.options[.relayAgentInformation] = nil
        switch type {
        case .refuse: return .pass(answer)
        case .offer, .acknowledge:
            // RFC 2131 §4.3.5: who has asked for the rest alone has an address.
            let isOfRest = request.type == .inform && reply.yourAddress.isUnspecified
            guard isOfRest || reply.yourAddress == home.address else { return .otherAddress(reply.yourAddress) }
            terms.describe(in: &answer.options)
            return .pass(answer)
        case .discover, .request, .decline, .release, .inform: return .drop
        }
    }
}

extension DHCPMessage {
    /// Which address the client speaks of; nil: of none.
    var namedAddress: IPv4Address? {
        clientAddress.isUnspecified ? options.address(.requestedAddress) : clientAddress
    }
}
