// SPDX-License-Identifier: Apache-2.0
import Wire

/// What a gateway does about each refusal (RFC 5213 §6.9.1.2, RFC 5845 §3.3.1, RFC 7148 §5.1.2, RFC 8278 §4.4).
extension MobileAccessGateway {
    /// Before a refused registration is tried again.
    static let refusalHoldDown = Duration.seconds(60)
    /// After a refusal for the clock's sake: somebody has to set it first.
    static let clockHoldDown = Duration.seconds(30)
    /// Refusals in a row after which trying again at once is no longer believed in.
    private static let immediateRetriesAllowed = 3

    mutating func refused(
        _ index: Int,
        _ request: PendingUpdate,
        _ reply: BindingAcknowledgement,
        at now: Moment
    ) -> [Action] {
        counters.refuse(reply.status)
        let anchor = request.route.destination
        let notice = Action.report(.registrationRefused(settings.mobileNode, by: anchor, reply.status))
        switch reply.status {
        case .timestampMismatch:
            // RFC 5213 §5.5: not before the clock is right, and never by the anchor's.
            let theirs = reply.options.first(TimestampOption.self)?.timestamp ?? request.timestamp
            guard theirs <= request.timestamp || theirs > now.timestamp else {
                // The anchor's clock read a time between then and now: it is the network that took too long. The next
                // attempt comes when it would have come.
                return [notice]
            }
            hold(index, reply.status, until: now.instant + Self.clockHoldDown)
            return [notice, .report(.clockDiffers(from: anchor, by: theirs.distance(to: request.timestamp)))]
        case .timestampLowerThanPreviouslyAccepted:
            return [notice] + retryAtOnce(index, reply.status, at: now)
        case .sequenceNumberOutOfWindow:
            sequence = reply.sequence
            return [notice] + retryAtOnce(index, reply.status, at: now)
        case .cannotSupportMultipathBinding:
            guard request.binding != nil else { break }
            // RFC 8278 §4.4: then without, on this path.
            let actions = settle(false, index, request, because: reply.status)
            links[index].forget()
            return [notice] + actions + register(index, at: now)
        case .notAuthorizedForHomeNetworkPrefix, .prefixSetDoesNotMatch:
            // RFC 5213 §6.9.1.2: not that prefix again; none of ours is in use on another path.
            guard !session.homeNetworkPrefixes.isEmpty, !isHeldByOthers(than: index) else { break }
            let actions = giveUp(index, because: .refused) + endSession()
            session.homeNetworkPrefixes = []
            session.delegatedPrefixes = []
            return [notice] + actions + retryAtOnce(index, reply.status, at: now)
        case .requestedDelegatedPrefixInUse:
            guard !session.delegatedPrefixes.isEmpty, !isHeldByOthers(than: index) else { break }
            session.delegatedPrefixes = []
            let actions = giveUp(index, because: .refused) + (session.installed == nil ? [] : installSession())
            return [notice] + actions + retryAtOnce(index, reply.status, at: now)
        case .notAuthorizedForDelegatedPrefix:
            guard !isDelegationRefused else { break }
            isDelegationRefused = true
            return [notice] + retryAtOnce(index, reply.status, at: now)
        default: break
        }
        let actions = giveUp(index, because: .refused)
        // RFC 5213 §6.9.1.2: 152 stands until an administrator acts.
        let isFinal = reply.status == .proxyRegistrationNotEnabled
        hold(index, reply.status, until: isFinal ? .never : now.instant + Self.refusalHoldDown)
        return [notice] + actions
    }

    private func isHeldByOthers(than index: Int) -> Bool {
        links.indices.contains { $0 != index && links[$0].granted != nil }
    }

    private mutating func hold(_ index: Int, _ status: BindingStatus, until retryAt: Instant) {
        links[index].requests = []
        links[index].immediateRetries = 0
        links[index].registration = .refused(status, retryAt: retryAt)
    }

    /// What the refusal complained of is changed; but a peer that always complains is not asked for ever.
    private mutating func retryAtOnce(_ index: Int, _ status: BindingStatus, at now: Moment) -> [Action] {
        links[index].requests = []
        guard links[index].immediateRetries < Self.immediateRetriesAllowed else {
            hold(index, status, until: now.instant + Self.refusalHoldDown)
            return []
        }
        links[index].immediateRetries += 1
        return links[index].granted == nil ? register(index, at: now) : refresh(index, at: now)
    }

    /// The path is no longer registered.
    mutating func giveUp(_ index: Int, because reason: Notice.RemovalReason) -> [Action] {
        let granted = links[index].granted
        let retries = links[index].immediateRetries
        let actions = uninstall(index)
        links[index].forget()
        links[index].immediateRetries = retries
        return actions + (granted.map { [.report(.bindingRemoved($0.path, reason: reason))] } ?? [])
    }
}
