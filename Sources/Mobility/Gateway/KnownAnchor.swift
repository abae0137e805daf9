// SPDX-License-Identifier: Apache-2.0
import Wire

/// What a gateway knows of an anchor.
struct KnownAnchor: Sendable {
    /// Of the addresses behind its name.
    enum Lookup: Equatable, Sendable {
        case settled
        case wanted(at: Instant, attempt: Int)
        case underway(attempt: Int)
    }

    let peer: AnchorPeer
    /// Configured, or found under its name.
    private(set) var addresses: [IPAddress]
    var lookup: Lookup
    var clock = AnchorClock()
    var timers: AnchorTimers
    var restartCounter: UInt32?
    /// It has taken no notice of option 33 (RFC 5845 §4.2).
    var lacksGRE = false
    /// It has granted a tunnel in UDP (RFC 5844 §4.1.3.1).
    var grantsUDP = false
    /// The newest Mesg-ID of its heartbeats, by the link that they came over.
    var messageIdentifiers: [Int: MessageIdentifierWindow] = [:]
    /// It was left because it did not answer.
    var wasSilent = false
    /// It does not want our session before.
    var refusedUntil = Instant.zero

    init(_ peer: AnchorPeer, _ timers: AnchorTimers) {
        self.peer = peer
        self.timers = timers
        addresses = peer.addresses
        lookup = peer.isLookedUp ? .wanted(at: .zero, attempt: 1) : .settled
    }

    func address(of family: WANSettings.Family) -> IPAddress? {
        addresses.first { $0.isIPv4 == (family == .ipv4) }
    }

    /// When the name is to be looked up.
    var lookupAt: Instant {
        switch lookup {
        case .wanted(let at, _): at
        case .settled, .underway: .never
        }
    }

    /// Perhaps it has moved.
    mutating func lookUpAgain(at now: Instant) {
        guard peer.isLookedUp, lookup == .settled else { return }
        lookup = .wanted(at: now, attempt: 1)
    }

    /// What the name stands for now; nothing: it is asked for again later, and what was known stays.
    mutating func found(_ found: [IPAddress], at now: Instant) {
        guard case .underway(let attempt) = lookup else { return }
        let usable = found.filter(\.isRoutableUnicast)
        guard !usable.isEmpty else {
            let pause = min(.seconds(32), Duration.seconds(1) * (1 << min(attempt - 1, 5)))
            lookup = .wanted(at: now + pause, attempt: attempt + 1)
            return
        }
        addresses = usable
        lookup = .settled
    }
}
