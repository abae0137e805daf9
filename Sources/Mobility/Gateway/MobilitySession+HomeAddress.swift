// SPDX-License-Identifier: Apache-2.0
import Wire

/// The IPv4 home address that a physical node gives back by DHCP, and asks for anew, while its session goes on
/// (RFC 5844 §3.4).
extension MobilitySession {
    /// It is out of forwarding at once, and the anchor's again when it has heard of it. Without a prefix the session would
    /// be nothing: then the access side lets the node go.
    mutating func homeAddressReleased(at now: Moment) -> [Action] {
        guard phase == .running, let home = session.homeAddress, !session.homeNetworkPrefixes.isEmpty else {
            return []
        }
        isHomeAddressReleased = true
        session.homeAddress = nil
        let actions = session.installed == nil ? [] : installSession()
        return actions + giveBack(IPv4HomeAddressRequest(home), attempt: 1, at: now)
    }

    /// RFC 5844 §3.2.3.3: of the anchor's choice.
    mutating func homeAddressWanted(at now: Moment) -> [Action] {
        guard phase == .running, isHomeAddressReleased else { return [] }
        isHomeAddressReleased = false
        // Behind what gave the old one back, in case that is under way.
        let last = farewells.last(where: \.isOfHomeAddress)?.link
        farewells.removeAll(where: \.isOfHomeAddress)
        guard let index = last.flatMap({ isCarrier($0) ? $0 : nil }) ?? carrier else { return [] }
        return refresh(index, inBulk: false, at: now)
    }

    /// Updates cross: one may have brought the released address back, and one from before the node's wish has not told it.
    mutating func settleHomeAddress(
        after reply: BindingAcknowledgement,
        to request: PendingUpdate,
        on index: Int,
        at now: Moment
    ) -> [Action] {
        if isHomeAddressReleased {
            guard let held = reply.options.first(IPv4HomeAddressReply.self), held.status.isSuccess,
                !farewells.contains(where: \.isOfHomeAddress)
            else { return [] }
            return giveBack(
                IPv4HomeAddressRequest(address: held.address, prefixLength: held.prefixLength),
                attempt: 1,
                at: now
            )
        }
        guard !node.isLogical, wants(.ipv4HomeAddress), !request.namesHomeAddress, session.homeAddress == nil else {
            return []
        }
        return refresh(index, inBulk: false, at: now)
    }

    mutating func giveBackAgain(_ farewell: Farewell, at now: Moment) -> [Action] {
        guard isHomeAddressReleased, farewell.attempt < Farewell.attemptsAllowed,
            let home = farewell.request.releasedHomeAddress
        else { return [] }
        return giveBack(home, attempt: farewell.attempt + 1, at: now)
    }

    /// RFC 5844 §3.2.3.3: an update of lifetime zero that names the address alone, for all paths over one of them.
    private mutating func giveBack(_ home: IPv4HomeAddressRequest, attempt: Int, at now: Moment) -> [Action] {
        guard let index = carrier, let granted = links[index].granted,
            let (request, action) = sendDeregistration(
                of: granted.careOf,
                granted.path.binding,
                of: links[index].settings,
                over: index,
                onlyOf: home,
                at: now
            )
        else { return [] }
        farewells.append(
            Farewell(
                link: index,
                careOf: granted.careOf,
                binding: granted.path.binding,
                request: request,
                until: request.sentAt + answerTimeout,
                attempt: attempt
            )
        )
        return [action]
    }

    private func isCarrier(_ index: Int) -> Bool { links[index].granted != nil && links[index].isUsable }

    /// The link that the session itself is spoken of over.
    private var carrier: Int? {
        links.indices.first { isCarrier($0) && !links[$0].isSilent } ?? links.indices.first(where: isCarrier)
    }
}

extension IPv4HomeAddressRequest {
    init(_ home: HomeAddressAssignment) { self.init(address: home.address, prefixLength: home.subnetLength) }
}
