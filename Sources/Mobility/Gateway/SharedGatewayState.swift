// SPDX-License-Identifier: Apache-2.0
import Wire

/// What a gateway has to do with its anchors and access networks, whichever mobile node it is for: its mobility sessions
/// share it, each while it has its turn.
struct SharedGatewayState: Sendable {
    let settings: GatewaySettings
    var anchors: AnchorList
    /// By the WAN's place in the settings; nil where no node has a binding (RFC 5847 §3).
    var heartbeats: [HeartbeatMonitor?]
    /// When each WAN's address translator was reminded of our signalling last.
    var remindedAt: [Instant?]
    /// The WANs over which the present anchor has answered in this turn.
    var heardOver: Set<Int> = []
    /// A session has found another anchor to go to: all follow.
    var anchorLeft: Notice.RemovalReason?
    /// The sessions that have bindings.
    var holders: Set<SessionIdentifier> = []
    /// Which start it is over the same store.
    var start: UInt32 = 1
    /// The site's.
    var rules: [FlowRule] = []
    /// Of the access lines, by the WAN's place in the settings.
    var metrics: [LinkMetrics]
    var random: RandomSource
    var counters = EngineCounters()
    private var dropNotices = NoticeLimit<DropReason>()

    init(_ settings: GatewaySettings, seed: UInt64) {
        self.settings = settings
        anchors = AnchorList(settings.anchors, AnchorTimers(settings))
        heartbeats = settings.wans.map { _ in nil }
        remindedAt = settings.wans.map { _ in nil }
        metrics = settings.wans.map { _ in LinkMetrics() }
        random = RandomSource(seed: seed)
    }

    var anchor: KnownAnchor {
        get { anchors.current }
        set { anchors.current = newValue }
    }

    mutating func anchorAnswered(over index: Int) {
        anchors.currentAnswered()
        heardOver.insert(index)
    }

    mutating func drop(_ datagram: Datagram, _ reason: DropReason, at now: Moment) -> [Action] {
        counters.drop(reason)
        guard let untold = dropNotices.untold(reason, at: now.instant) else { return [] }
        return [.report(.messageDropped(from: datagram.source, reason, untold: untold))]
    }

    // MARK: Messages to and from the anchor

    func distrust(_ message: MobilityMessage, in datagram: Datagram, careOf: IPAddress) -> DropReason? {
        guard let association = anchor.peer.authentication.association else { return nil }
        let verdict = Authentication.verdict(
            on: datagram.octets,
            decoded: message,
            careOf: careOf,
            association: association
        )
        switch verdict {
        case .authentic: return nil
        case .missing: return .authenticationMissing
        case .unknownAssociation: return .unknownPeer
        case .wrong: return .authenticationWrong
        }
    }

    /// Whether a message that needs a Mesg-ID has one that is good (RFC 4285 §6).
    mutating func isFresh(_ message: MobilityMessage, over index: Int, at now: Moment) -> Bool {
        guard message.freshness == .messageIdentifier, anchor.peer.authentication != .none else { return true }
        guard let identifier = message.options.first(MessageIdentifier.self) else { return false }
        return anchor.messageIdentifiers[index, default: MessageIdentifierWindow()].accepts(
            identifier,
            at: anchor.clock.time(at: now)
        )
    }

    mutating func send(_ message: MobilityMessage, on route: SignallingRoute, careOf: IPAddress) -> Action {
        counters.send(message)
        return .send(sealed(message, on: route, careOf: careOf))
    }

    func sealed(_ message: MobilityMessage, on route: SignallingRoute, careOf: IPAddress) -> Datagram {
        var message = message
        // The authenticator covers it, and an address translator hides it.
        if route.isUDP { message.options.append(careOf: careOf) }
        return Authentication.seal(message, on: route, careOf: careOf, by: anchor.peer.authentication)
    }

    // MARK: Heartbeats

    /// The first request goes out at once: only who knows the anchor's restart counter notices that it changes.
    mutating func startHeartbeats(over index: Int, at now: Moment) {
        guard heartbeats.indices.contains(index) else { return }
        let timers = anchor.timers
        guard heartbeats[index] == nil else {
            heartbeats[index]?.pace(
                interval: timers.heartbeatInterval,
                retransmission: timers.heartbeatRetransmission,
                missingAllowed: timers.missingHeartbeatsAllowed,
                at: now.instant
            )
            return
        }
        heartbeats[index] = HeartbeatMonitor(
            interval: timers.heartbeatInterval,
            retransmission: timers.heartbeatRetransmission,
            missingAllowed: timers.missingHeartbeatsAllowed,
            from: now.instant - timers.heartbeatInterval,
            sequence: random.key()
        )
    }
}
