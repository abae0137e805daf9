// SPDX-License-Identifier: Apache-2.0
import Wire

/// Replay protection by Mesg-ID at the anchor (RFC 4285 §6).
extension LocalMobilityAnchor {
    /// Nobody is asked for one in an update, which RFC 5213 §5.5 orders; but who puts one in is taken at his word.
    mutating func replayRefusal(
        of request: ProxyBindingUpdate,
        from gateway: GatewayPeer,
        at now: Moment
    ) -> Refusal? {
        guard gateway.authentication != .none, request.options.first(MessageIdentifier.self) != nil else { return nil }
        let message = MobilityMessage.bindingUpdate(request.update)
        let origin = MessageOrigin(of: message, careOf: request.careOf)
        return isNew(message, of: gateway, at: origin, now: now) ? nil : Refusal(.messageIdentifierMismatch)
    }

    /// Whether a message that needs a Mesg-ID has one that is good. What proves nothing can be repeated at will.
    mutating func isFresh(
        _ message: MobilityMessage,
        of gateway: GatewayPeer,
        at origin: MessageOrigin,
        now: Moment
    ) -> Bool {
        guard message.freshness == .messageIdentifier, gateway.authentication != .none else { return true }
        // What was heard before a restart is forgotten, so that nothing from before it may count.
        if let restoredAt, let identifier = message.options.first(MessageIdentifier.self),
            identifier.timestamp <= restoredAt
        {
            return false
        }
        return isNew(message, of: gateway, at: origin, now: now)
    }

    /// Within the window of our clock, and newer than all before of its kind and path.
    private mutating func isNew(
        _ message: MobilityMessage,
        of gateway: GatewayPeer,
        at origin: MessageOrigin,
        now: Moment
    ) -> Bool {
        guard let identifier = message.options.first(MessageIdentifier.self) else { return false }
        var windows = messageIdentifiers.removeValue(forKey: gateway.identifier) ?? [:]
        defer { messageIdentifiers[gateway.identifier] = windows }
        // What is older than the window cannot come again, so nobody's addresses pile up. Looked through whenever their
        // number has doubled: a gateway may have very many nodes.
        if windows[origin] == nil, windows.count.nonzeroBitCount == 1 {
            windows = windows.filter { $0.value.isNeeded(at: now.timestamp) }
        }
        return windows[origin, default: MessageIdentifierWindow()].accepts(identifier, at: now.timestamp)
    }
}

extension MobilityOptions {
    /// RFC 4285 §6: of a refused Mesg-ID the lower half, so that its update is known by it; the upper half is our clock's.
    func withMessageIdentifier(of now: Timestamp) -> MobilityOptions {
        MobilityOptions(
            all.map { option in
                guard let identifier = option as? MessageIdentifier else { return option }
                let clock = MessageIdentifier(now).value & 0xFFFF_FFFF_0000_0000
                return MessageIdentifier(value: clock | identifier.value & 0xFFFF_FFFF)
            }
        )
    }
}
