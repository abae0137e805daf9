// SPDX-License-Identifier: Apache-2.0
import Mobility
import Wire

/// Who should hold what at an anchor, told from the messages that it takes and sends and from nothing else: naive, with
/// no index and no timer of its own.
struct RegistrationModel: Sendable {
    struct Leg: Sendable {
        var careOf: IPAddress
        var lifetime: Duration
        /// Of its lifetime, or of the time of grace after a leave.
        var endsAt: Instant
        var isLeaving = false
        var timestamp: Timestamp?
        /// An operator has revoked it: it may go at any time, and is gone by then.
        var revokedUntil: Instant?
    }

    enum Kind: Hashable, Sendable, CaseIterable { case home, delegated, homeAddress }

    struct Holding: Sendable {
        var gateway: Int
        var isMultipath: Bool
        var held: [Kind: Set<IPPrefix>] = [:]
        var legs: [BindingIdentifier?: Leg] = [:]
        /// Likewise, of the IPv4 home address.
        var addressRevokedUntil: Instant?

        /// Nothing of it is to stay.
        var isRevoked: Bool {
            legs.values.contains { $0.revokedUntil != nil }
                && legs.values.allSatisfy { $0.isLeaving || $0.revokedUntil != nil }
        }

        func hasAny(of told: [Kind: Set<IPPrefix>]) -> Bool {
            told.values.contains { !prefixes.isDisjoint(with: $0) }
        }

        var prefixes: Set<IPPrefix> { held.values.reduce(into: []) { $0.formUnion($1) } }
    }

    /// An update that the anchor has got and may answer.
    private struct Asked: Sendable {
        var update: BindingUpdate
        var datagram: Datagram
        var gateway: Int
    }

    private struct Origin: Hashable, Sendable {
        var address: IPAddress
        var port: UInt16?
        var sequence: UInt16
    }

    /// A node has one for each attachment (RFC 5213 §5.4). They are told apart by their prefixes: the anchor's numbers
    /// are its own.
    var holdings: [NodeIdentifier: [Holding]] = [:]
    /// By where they came from: the answer goes back there.
    private var asked: [Origin: Asked] = [:]
    /// What was acted upon; the network may bring it again, and it is answered again.
    private var applied: Set<Datagram> = []
    private let grace: Duration
    /// How long a revocation waits for its answers.
    let patience: Duration

    init(_ settings: AnchorSettings) {
        grace = settings.minDelayBeforeBindingCacheEntryDelete
        let revocation = settings.revocation
        // RFC 5846 §6.3: each time twice as long.
        patience = (0...revocation.retries).reduce(.zero) { sum, repetition in
            sum + min(revocation.maximumDelay, revocation.initialDelay * (1 << repetition))
        }
    }

    mutating func anchorGot(_ update: BindingUpdate, in datagram: Datagram, from gateway: Int) {
        let origin = Origin(address: datagram.source, port: datagram.ports?.source, sequence: update.sequence)
        asked[origin] = Asked(update: update, datagram: datagram, gateway: gateway)
    }

    /// What is wrong with the answer, if anything is.
    mutating func anchorSent(_ reply: BindingAcknowledgement, in datagram: Datagram, at now: Instant) -> String? {
        // RFC 6463 §5.3: what names another anchor is that one's acceptance.
        guard reply.status.isAccepted, reply.options.first(Redirect.self) == nil else { return nil }
        let origin = Origin(address: datagram.destination, port: datagram.ports?.destination, sequence: reply.sequence)
        guard let request = asked[origin],
            let node = request.update.options.first(MobileNodeIdentifier.self)?.identifier
        else { return "acceptance that nobody has asked for" }
        guard applied.insert(request.datagram).inserted else { return nil }
        return request.update.lifetime.isZero
            ? left(node, request, reply, at: now) : registered(node, request, reply, at: now)
    }

    private mutating func registered(
        _ node: NodeIdentifier,
        _ request: Asked,
        _ reply: BindingAcknowledgement,
        at now: Instant
    ) -> String? {
        let option = request.update.options.first(MAGMultipathBinding.self)
        let binding = option.flatMap { BindingIdentifier(rawValue: $0.bindingIdentifier) }
        let timestamp = request.update.options.first(TimestampOption.self)?.timestamp
        let told = Self.prefixes(in: reply)
        let index = holdings[node, default: []].firstIndex { $0.hasAny(of: told) }
        var holding =
            index.map { holdings[node, default: []].remove(at: $0) }
            ?? Holding(gateway: request.gateway, isMultipath: binding != nil)
        let joins =
            binding != nil && holding.isMultipath && holding.gateway == request.gateway && option?.isOverwrite != true
        // RFC 5213 §5.4.1.2: one that waited for the old gateway's leave is older than that.
        let others = holding.legs.values.filter { holding.gateway == request.gateway || !$0.isLeaving }
        let preceding = joins ? [holding.legs[binding]].compactMap(\.self) : others
        if let newest = preceding.compactMap(\.timestamp).max(), let timestamp, timestamp <= newest {
            return "\(node): an update counts that is older than one that counted before"
        }
        let renewed = holding.legs[binding].map { [$0] } ?? Array(holding.legs.values)
        if !renewed.isEmpty, renewed.allSatisfy({ $0.revokedUntil != nil }) {
            return "\(node): what is being revoked is registered again"
        }
        // No other path has asked for anything.
        let isAlone = !joins || holding.legs.keys.allSatisfy { $0 == binding }
        if let fault = Self.adopt(told, after: request.update, isAlone: isAlone, in: &holding) {
            return "\(node): \(fault)"
        }
        // RFC 8278 §4.1: one with O replaces all that the node has.
        if option?.isOverwrite == true { holdings[node] = [] }
        if !joins { holding.legs = [:] }
        holding.gateway = request.gateway
        holding.isMultipath = binding != nil
        let endsAt = now + reply.lifetime.duration
        if option?.isBulkReregistration == true {
            for key in holding.legs.keys where holding.legs[key]?.isLeaving == false {
                holding.legs[key]?.endsAt = endsAt
                holding.legs[key]?.lifetime = reply.lifetime.duration
            }
        }
        let careOf = Self.careOf(of: request)
        holding.legs[binding] = Leg(
            careOf: careOf,
            lifetime: reply.lifetime.duration,
            endsAt: endsAt,
            timestamp: timestamp
        )
        holdings[node, default: []].append(holding)
        return nil
    }

    /// `isAlone`: who is, names all that shall go on (RFC 5844 §3.1.2.4, RFC 7148 §5.2.2).
    private static func adopt(
        _ told: [Kind: Set<IPPrefix>],
        after update: BindingUpdate,
        isAlone: Bool,
        in holding: inout Holding
    ) -> String? {
        // RFC 8278 §4.1: one with B speaks for all paths.
        let isBulk = update.options.first(MAGMultipathBinding.self)?.isBulkReregistration == true
        for (kind, told) in told {
            let takes = isAlone || isBulk && kind == .delegated
            let known = (holding.held[kind] ?? []).filter { !takes || keeps(update, $0, kind) }
            if !known.isSubset(of: told) { return "the session goes on with other prefixes: \(known) are now \(told)" }
            holding.held[kind] = told
        }
        if isAlone { for kind in Kind.allCases where !names(update, kind) { holding.held[kind] = nil } }
        if isBulk, !names(update, .delegated) { holding.held[.delegated] = nil }
        if isAlone || isBulk, !names(update, .homeAddress) {
            (holding.held[.homeAddress], holding.addressRevokedUntil) = (nil, nil)
        }
        return nil
    }

    private mutating func left(
        _ node: NodeIdentifier,
        _ request: Asked,
        _ reply: BindingAcknowledgement,
        at now: Instant
    ) -> String? {
        let option = request.update.options.first(MAGMultipathBinding.self)
        let binding = option.flatMap { BindingIdentifier(rawValue: $0.bindingIdentifier) }
        let (careOf, told) = (Self.careOf(of: request), Self.prefixes(in: reply))
        let found = holdings[node, default: []].firstIndex {
            $0.gateway == request.gateway && $0.hasAny(of: told)
                && $0.legs.contains { (binding == nil || $0.key == binding) && $0.value.careOf == careOf }
        }
        guard let found, var holding = holdings[node]?[found],
            let leaver = holding.legs.first(where: {
                (binding == nil || $0.key == binding) && $0.value.careOf == careOf
            })
        else { return "\(node): the leave of what is not there is answered" }
        let services = [Kind.home, .homeAddress].filter { holding.held[$0] != nil }
        let named = services.filter { Self.names(request.update, $0) }
        if services.count == 2, let only = named.first, named.count == 1 {
            // RFC 5844 §3.1.2.5
            holding.held[only] = nil
        } else {
            leave(binding, of: &holding, at: now)
        }
        holding.legs[leaver.key]?.timestamp = request.update.options.first(TimestampOption.self)?.timestamp
        holdings[node]?[found] = holding
        return nil
    }

    private func leave(_ binding: BindingIdentifier?, of holding: inout Holding, at now: Instant) {
        for key in holding.legs.keys where binding == nil || key == binding {
            guard holding.legs[key]?.isLeaving == false else { continue }
            holding.legs[key]?.isLeaving = true
            holding.legs[key]?.endsAt = now + grace
        }
    }

    /// The anchor's own decisions, which no message shows, about the session of these prefixes.
    mutating func anchorSaid(_ notice: Notice, of prefixes: [IPPrefix], at now: Instant) {
        if case .sessionEnded(let session) = notice, let index = index(of: session.mobileNode, prefixes),
            holdings[session.mobileNode]?[index].isRevoked == true
        {
            holdings[session.mobileNode]?.remove(at: index)
        }
        guard case .bindingRemoved(let path, let reason) = notice,
            let index = index(of: path.session.mobileNode, prefixes)
        else { return }
        let node = path.session.mobileNode
        switch reason {
        case .revoked where holdings[node]?[index].legs[path.binding]?.revokedUntil != nil: break
        // A node that has moved on is revoked as if it had been de-registered.
        case .peerRestarted, .revoked:
            holdings[node]?[index].legs[path.binding]?.isLeaving = true
            holdings[node]?[index].legs[path.binding]?.endsAt = now + grace
        case .deregistered, .expired, .replaced, .linkLost, .administrator, .refused, .anchorLost, .redirected: break
        }
    }

    /// A refresh may have been lost, so lifetimes begin anew; leaves go on.
    mutating func anchorCameBack(at now: Instant) {
        for (node, held) in holdings {
            for index in held.indices {
                holdings[node]?[index].addressRevokedUntil = nil
                for (key, leg) in held[index].legs {
                    // An indication whose answer was awaited is forgotten.
                    holdings[node]?[index].legs[key]?.revokedUntil = nil
                    if !leg.isLeaving { holdings[node]?[index].legs[key]?.endsAt = now + leg.lifetime }
                }
            }
        }
    }

    mutating func administratorRemoved(_ node: NodeIdentifier, _ prefixes: [IPPrefix]) {
        if let index = index(of: node, prefixes) { holdings[node]?.remove(at: index) }
    }

    private func index(of node: NodeIdentifier, _ prefixes: [IPPrefix]) -> Int? {
        holdings[node]?.firstIndex { !$0.prefixes.isDisjoint(with: prefixes) }
    }

    /// What has come to its end ends; a store keeps coarser time.
    mutating func settle(at now: Instant) {
        for (node, held) in holdings {
            let left = held.compactMap { holding -> Holding? in
                var copy = holding
                copy.legs = holding.legs.filter { $0.value.endsAt > now + .milliseconds(1) }
                return copy.legs.isEmpty ? nil : copy
            }
            holdings[node] = left.isEmpty ? nil : left
        }
    }

    private static func careOf(of request: Asked) -> IPAddress {
        request.update.options.first(AlternateCareOfAddress.self).map { .v6($0.address) }
            ?? request.update.options.first(AlternateIPv4CareOfAddress.self).map { .v4($0.address) }
            ?? request.datagram.source
    }

    private static func names(_ update: BindingUpdate, _ kind: Kind) -> Bool {
        switch kind {
        case .home: update.options.first(HomeNetworkPrefix.self) != nil
        case .delegated: update.options.first(DelegatedMobileNetworkPrefix.self) != nil
        case .homeAddress: update.options.first(IPv4HomeAddressRequest.self) != nil
        }
    }

    /// Delegated prefixes are named one by one, or all of a family by zeros.
    private static func keeps(_ update: BindingUpdate, _ prefix: IPPrefix, _ kind: Kind) -> Bool {
        guard kind == .delegated else { return true }
        return update.options.all(DelegatedMobileNetworkPrefix.self).contains {
            $0.isRequest ? $0.address.isIPv4 == prefix.isIPv4 : $0.prefix == prefix
        }
    }

    /// Of those kinds that are told.
    private static func prefixes(in reply: BindingAcknowledgement) -> [Kind: Set<IPPrefix>] {
        let home = reply.options.all(HomeNetworkPrefix.self).compactMap(\.prefix)
        let delegated = reply.options.all(DelegatedMobileNetworkPrefix.self).compactMap(\.prefix)
        let addresses = reply.options.all(IPv4HomeAddressReply.self).map { IPPrefix(host: .v4($0.address)) }
        let all: [Kind: Set<IPPrefix>] = [
            .home: Set(home), .delegated: Set(delegated), .homeAddress: Set(addresses),
        ]
        return all.filter { !$0.value.isEmpty }
    }
}
