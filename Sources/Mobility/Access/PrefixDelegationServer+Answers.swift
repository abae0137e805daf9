// SPDX-License-Identifier: Apache-2.0
import Wire

/// What is answered to which message.
extension PrefixDelegationServer {
    /// A message with where it came from.
    private struct Question {
        var message: DHCPv6Message
        var source: IPv6Address
        var link: Int
        var settings: PrefixDelegationSettings
        var now: Instant
    }

    /// nil: nothing is to be said.
    mutating func answer(
        _ octets: [UInt8],
        from source: IPv6Address,
        isUnicast: Bool,
        on link: Int,
        at now: Instant
    ) -> DHCPv6Message? {
        // What comes from beyond the link cannot be answered there, and is no router of ours.
        guard let settings = settings[link], source.isLinkLocal, let message = try? DHCPv6Message(decoding: octets),
            isForUs(message)
        else { return nil }
        if isUnicast { return directed(message) }
        let question = Question(message: message, source: source, link: link, settings: settings, now: now)
        switch message.type {
        case .solicit:
            // RFC 8415 §18.3.1
            return message.hasRapidCommit
                ? assigned(.reply, question, binds: true, [.rapidCommit])
                : assigned(.advertise, question, binds: false)
        case .request, .renew, .rebind: return assigned(.reply, question, binds: true)
        case .release, .decline: return released(question)
        case .informationRequest: return reply(.reply, to: message, servers(question))
        // RFC 8415 §18.3.3: whether a client's addresses suit the link we cannot say, for we give none.
        case .confirm: return nil
        case .advertise, .reply, .reconfigure: return nil
        }
    }

    /// RFC 8415 §16: which identifiers a message must have, and which it must not.
    private func isForUs(_ message: DHCPv6Message) -> Bool {
        switch message.type {
        case .solicit, .confirm, .rebind: message.client != nil && message.server == nil
        case .request, .renew, .release, .decline: message.client != nil && message.server == identifier
        case .informationRequest:
            (message.server == nil || message.server == identifier) && message.prefixAssociations.isEmpty
                && message.addressAssociations.isEmpty
        case .advertise, .reply, .reconfigure: false
        }
    }

    /// RFC 8415 §18.4: to an address of ours nobody was told to send.
    private func directed(_ message: DHCPv6Message) -> DHCPv6Message? {
        switch message.type {
        case .request, .renew, .release, .decline, .informationRequest:
            reply(.reply, to: message, [.status(DHCPv6Status(.useMulticast))])
        // RFC 8415 §18.3.1, §18.3.3, §18.3.5: by multicast only.
        case .solicit, .confirm, .rebind: nil
        case .advertise, .reply, .reconfigure: nil
        }
    }

    private mutating func assigned(
        _ type: DHCPv6MessageType,
        _ question: Question,
        binds: Bool,
        _ more: [DHCPv6Option] = []
    ) -> DHCPv6Message? {
        guard let client = question.message.client else { return nil }
        let associations = question.message.prefixAssociations.prefix(Self.mostAssociations).map { association in
            let holder = PrefixLease.Holder(link: question.link, client: client, association: association.identifier)
            return DHCPv6Option.prefixAssociation(assigned(association, to: holder, question, binds: binds))
        }
        return reply(type, to: question.message, more + associations + noAddresses(question) + servers(question))
    }

    /// Who sends more wants to keep us busy.
    private static let mostAssociations = 8

    private mutating func assigned(
        _ association: DHCPv6Association,
        to holder: PrefixLease.Holder,
        _ question: Question,
        binds: Bool
    ) -> DHCPv6Association {
        let named = association.prefixes.map(\.prefix)
        let present = assign(to: holder, wanting: named, via: question.source, binds: binds, at: question.now)
        var answer = DHCPv6Association(association.identifier)
        if let present {
            answer.renewal = question.settings.renewal
            answer.rebinding = question.settings.rebinding
            let prefix = DelegatedPrefix(
                present,
                preferredLifetime: question.settings.preferredLifetime,
                validLifetime: question.settings.validLifetime
            )
            answer.options.append(.prefix(prefix))
        } else {
            answer.options.append(.status(DHCPv6Status(.noPrefixAvailable, "no prefix is left to delegate")))
        }
        switch question.message.type {
        case .renew, .rebind:
            // RFC 8415 §18.3.4, §18.3.5: what is not to be used any more has lifetimes of zero.
            answer.options += named.filter { $0 != present && !$0.address.mappedToIPv6.isUnspecified }
                .prefix(Self.mostAssociations).map { .prefix(DelegatedPrefix($0)) }
        case .solicit, .request: break
        case .advertise, .confirm, .reply, .release, .decline, .reconfigure, .informationRequest: break
        }
        return answer
    }

    /// RFC 8415 §18.3.2, §18.3.9: hosts number themselves; addresses are not given out here.
    private func noAddresses(_ question: Question) -> [DHCPv6Option] {
        question.message.addressAssociations.prefix(Self.mostAssociations).map { association in
            .addressAssociation(
                DHCPv6Association(association.identifier, [.status(DHCPv6Status(.noAddressesAvailable))])
            )
        }
    }

    /// RFC 8415 §18.3.7, §18.3.8: what is not ours is named. Prefixes cannot be declined.
    private mutating func released(_ question: Question) -> DHCPv6Message? {
        guard let client = question.message.client else { return nil }
        let unknown = DHCPv6Option.status(DHCPv6Status(.noBinding))
        var options: [DHCPv6Option] = [.status(DHCPv6Status(.success))]
        for association in question.message.prefixAssociations.prefix(Self.mostAssociations) {
            let holder = PrefixLease.Holder(link: question.link, client: client, association: association.identifier)
            let isKnown = question.message.type == .release ? release(holder) : has(holder)
            if !isKnown { options.append(.prefixAssociation(DHCPv6Association(association.identifier, [unknown]))) }
        }
        for association in question.message.addressAssociations.prefix(Self.mostAssociations) {
            options.append(.addressAssociation(DHCPv6Association(association.identifier, [unknown])))
        }
        return reply(.reply, to: question.message, options)
    }

    /// To who asks for them (RFC 3646 §5).
    private func servers(_ question: Question) -> [DHCPv6Option] {
        let servers = question.settings.domainNameServers
        let isAsked = question.message.requested.contains(DHCPv6Option.Code.domainNameServers.rawValue)
        return isAsked && !servers.isEmpty ? [.domainNameServers(servers)] : []
    }

    private func reply(
        _ type: DHCPv6MessageType,
        to message: DHCPv6Message,
        _ options: [DHCPv6Option]
    ) -> DHCPv6Message {
        let client = message.client.map { [DHCPv6Option.clientIdentifier($0)] } ?? []
        return DHCPv6Message(
            type,
            transaction: message.transaction,
            [.serverIdentifier(identifier)] + client + options
        )
    }
}
