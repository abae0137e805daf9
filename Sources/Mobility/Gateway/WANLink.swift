// SPDX-License-Identifier: Apache-2.0
import Wire

/// One access network with what is registered over it: a binding update list entry (RFC 5213 §6.1).
struct WANLink: Sendable {
    let settings: WANSettings
    /// Where the tunnel would end; nil: the anchor has no address of this family.
    var anchorAddress: IPAddress?
    /// nil: the link is down or without address.
    var careOf: IPAddress?
    var registration: Registration = .idle
    /// The attempts of the present round; any of them may still be answered.
    var requests: [PendingUpdate] = []
    var granted: GrantedBinding?
    /// What the data plane has of it.
    var installed: PathDescription?
    var condition: PathCondition = .unproven
    /// Attempts in a row that the present anchor has not answered, over whatever round.
    var unanswered = 0
    /// Refusals in a row that were met by trying again at once.
    var immediateRetries = 0
    /// Refused for the clock's sake.
    var clockWait: ClockWait?
    /// Of the newest update with O whose answer may still be missing.
    var newestOverwrite: UInt64?
    /// A path that hears nothing while its signalling is answered was refreshed for this once already.
    var isRefreshedInSilence = false

    /// What the anchor was told of the line last, and when.
    var toldMetrics = LinkMetrics()
    var metricsToldAt: Instant?

    /// What experience with this care-of address says against the configured or usual tunnel.
    var tunnel: TunnelEncapsulation?
    /// Over IPv6, where the operator leaves it open: nothing but UDP has been answered, or has let data through.
    var signalsOverUDP = false
    /// With this care-of address the path has let data through.
    var hasBeenAlive = false
    /// When an address translator is to be reminded of our signalling.
    var keepaliveAt: Instant = .never
    /// The anchor has revoked its binding: until then it is not registered again.
    var revokedUntil: Instant?

    var isAutomaticIPv6: Bool { settings.family == .ipv6 && settings.encapsulation == nil }
    /// Messages go in UDP: always over IPv4, and over IPv6 by our extension.
    var speaksUDP: Bool { settings.family == .ipv4 || settings.encapsulation?.isUDP ?? signalsOverUDP }

    /// The way to the anchor over this link.
    var route: SignallingRoute? {
        guard let careOf, let anchorAddress else { return nil }
        return SignallingRoute(from: careOf, to: anchorAddress, overUDP: speaksUDP, wan: settings.name)
    }

    /// Whether unanswered messages may be tried over UDP as well: not where something else has worked already.
    func isOpenToUDP(hasProbes: Bool) -> Bool {
        registration.isRegistering || hasProbes && !hasBeenAlive
    }

    /// Whether a message came over this link. Two links may have the same address.
    func carries(_ datagram: Datagram) -> Bool {
        careOf == datagram.destination && (datagram.wan == nil || datagram.wan == settings.name)
    }

    var isUsable: Bool { careOf != nil && anchorAddress != nil }
    var isStartable: Bool { isUsable && registration == .idle && revokedUntil == nil }
    var isSilent: Bool { condition == .silent }

    var deadline: Instant {
        min(
            registration.deadline,
            granted?.expiresAt ?? .never,
            revokedUntil ?? .never,
            keepaliveAt
        )
    }

    /// What the anchor may hold of this link: what it granted, or what it was asked for and has not answered.
    var leave: (careOf: IPAddress, binding: BindingIdentifier?)? {
        if let granted { return (granted.careOf, granted.path.binding) }
        return registration.isDeregistering ? nil : requests.last.map { ($0.careOf, $0.binding) }
    }

    mutating func remember(_ request: PendingUpdate) { requests = requests.suffix(3) + [request] }

    /// Nothing asked, nothing granted.
    mutating func forget() {
        registration = .idle
        requests = []
        granted = nil
        condition = .unproven
        immediateRetries = 0
        newestOverwrite = nil
        clockWait = nil
        isRefreshedInSilence = false
        keepaliveAt = .never
        toldMetrics = LinkMetrics()
        metricsToldAt = nil
    }

    /// What was learnt with one care-of address says nothing of another.
    mutating func move(to address: IPAddress?) {
        careOf = address
        unanswered = 0
        tunnel = nil
        signalsOverUDP = false
        hasBeenAlive = false
    }
}
