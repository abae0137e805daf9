// SPDX-License-Identifier: Apache-2.0
import Wire

/// What a client asks of a delegating router, and the answer to it (RFC 8415 §18.3). Which prefix it is, the router
/// decides in between.
struct PrefixDelegationQuestion {
    enum Kind {
        /// What would be had: nothing is bound by it.
        case offer
        case assignment
        case release
        case decline
        case information
        /// RFC 8415 §18.4: to an address of ours, which nobody was told to send to.
        case misdirected
    }

    /// Who sends more wants to keep us busy.
    private static let mostAssociations = 8

    let kind: Kind
    let message: DHCPv6Message
    let client: DHCPUniqueIdentifier?

    /// nil: nothing is to be said.
    init?(_ octets: [UInt8], isUnicast: Bool, to server: DHCPUniqueIdentifier) {
        guard let message = try? DHCPv6Message(decoding: octets), Self.isFor(server, message),
            let kind = Self.kind(of: message, isUnicast: isUnicast)
        else { return nil }
        (self.kind, self.message, client) = (kind, message, message.client)
    }

    private static func kind(of message: DHCPv6Message, isUnicast: Bool) -> Kind? {
        switch message.type {
        // RFC 8415 §18.3.1, §18.3.5: by multicast only.
        case .solicit: isUnicast ? nil : message.hasRapidCommit ? .assignment : .offer
        case .rebind: isUnicast ? nil : .assignment
        case .request, .renew: isUnicast ? .misdirected : .assignment
        case .release: isUnicast ? .misdirected : .release
        case .decline: isUnicast ? .misdirected : .decline
        case .informationRequest: isUnicast ? .misdirected : .information
        // RFC 8415 §18.3.3: whether a client's addresses suit the link we cannot say, for we give none.
        case .confirm: nil
        case .advertise, .reply, .reconfigure: nil
        }
    }

    /// RFC 8415 §16: which identifiers a message must have, and which it must not.
    private static func isFor(_ server: DHCPUniqueIdentifier, _ message: DHCPv6Message) -> Bool {
        switch message.type {
        case .solicit, .confirm, .rebind: message.client != nil && message.server == nil
        case .request, .renew, .release, .decline: message.client != nil && message.server == server
        case .informationRequest:
            (message.server == nil || message.server == server) && message.prefixAssociations.isEmpty
                && message.addressAssociations.isEmpty
        case .advertise, .reply, .reconfigure: false
        }
    }

    /// What it is about.
    var associations: [DHCPv6Association] { Array(message.prefixAssociations.prefix(Self.mostAssociations)) }

    // MARK: The answer

    /// `prefixes`: by association, what the client gets; or what it had, if it gives something back.
    func answer(
        from server: DHCPUniqueIdentifier,
        _ prefixes: [UInt32: IPPrefix],
        _ settings: PrefixDelegationSettings
    ) -> DHCPv6Message {
        let options: [DHCPv6Option] =
            switch kind {
            case .offer: assigned(prefixes, settings) + noAddresses + servers(settings)
            case .assignment:
                (message.type == .solicit ? [.rapidCommit] : []) + assigned(prefixes, settings) + noAddresses
                    + servers(settings)
            case .release, .decline: returned(prefixes)
            case .information: servers(settings)
            case .misdirected: [.status(DHCPv6Status(.useMulticast))]
            }
        return DHCPv6Message(
            kind == .offer ? .advertise : .reply,
            transaction: message.transaction,
            [.serverIdentifier(server)] + (client.map { [.clientIdentifier($0)] } ?? []) + options
        )
    }

    private func assigned(_ prefixes: [UInt32: IPPrefix], _ settings: PrefixDelegationSettings) -> [DHCPv6Option] {
        associations.map { .prefixAssociation(answer(to: $0, with: prefixes[$0.identifier], settings)) }
    }

    private func answer(
        to association: DHCPv6Association,
        with present: IPPrefix?,
        _ settings: PrefixDelegationSettings
    ) -> DHCPv6Association {
        var answer = DHCPv6Association(association.identifier)
        if let present {
            answer.renewal = settings.renewal
            answer.rebinding = settings.rebinding
            let prefix = DelegatedPrefix(
                present,
                preferredLifetime: settings.preferredLifetime,
                validLifetime: settings.validLifetime
            )
            answer.options.append(.prefix(prefix))
        } else {
            answer.options.append(.noPrefixAvailable)
        }
        guard [.renew, .rebind].contains(message.type) else { return answer }
        // RFC 8415 §18.3.4, §18.3.5: what is not to be used any more has lifetimes of zero.
        answer.options += association.prefixes.map(\.prefix)
            .filter { $0 != present && !$0.address.mappedToIPv6.isUnspecified }
            .prefix(Self.mostAssociations).map { .prefix(DelegatedPrefix($0)) }
        return answer
    }

    /// RFC 8415 §18.3.2, §18.3.9: hosts number themselves; addresses are not given out here.
    private var noAddresses: [DHCPv6Option] {
        message.addressAssociations.prefix(Self.mostAssociations).map { association in
            .addressAssociation(
                DHCPv6Association(association.identifier, [.status(DHCPv6Status(.noAddressesAvailable))])
            )
        }
    }

    /// RFC 8415 §18.3.7, §18.3.8: what is not ours is named. Prefixes cannot be declined.
    private func returned(_ prefixes: [UInt32: IPPrefix]) -> [DHCPv6Option] {
        let unknown = DHCPv6Option.status(DHCPv6Status(.noBinding))
        let strange = associations.filter { prefixes[$0.identifier] == nil }
            .map { DHCPv6Option.prefixAssociation(DHCPv6Association($0.identifier, [unknown])) }
        let addresses = message.addressAssociations.prefix(Self.mostAssociations)
            .map { DHCPv6Option.addressAssociation(DHCPv6Association($0.identifier, [unknown])) }
        return [.status(DHCPv6Status(.success))] + strange + addresses
    }

    /// To who asks for them (RFC 3646 §5).
    private func servers(_ settings: PrefixDelegationSettings) -> [DHCPv6Option] {
        let servers = settings.domainNameServers
        let isAsked = message.requested.contains(DHCPv6Option.Code.domainNameServers.rawValue)
        return isAsked && !servers.isEmpty ? [.domainNameServers(servers)] : []
    }
}

extension DHCPv6Option {
    static var noPrefixAvailable: DHCPv6Option {
        .status(DHCPv6Status(.noPrefixAvailable, "no prefix is left to delegate"))
    }
}
