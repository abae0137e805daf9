// SPDX-License-Identifier: Apache-2.0
import Wire

/// The anchors that a gateway may register with, in the operator's order, and the one that it has to do with now.
struct AnchorList: Sendable {
    /// Behind those of the operator at most one that an anchor has named.
    private var anchors: [KnownAnchor]
    private let configured: Int
    private var position = 0
    /// Anchors in a row that have not answered.
    private(set) var unanswered = 0
    /// The present one was named by another (RFC 6463 §5.2).
    private(set) var isRedirected = false

    /// Without any there is one that has no address.
    init(_ peers: [AnchorPeer], _ timers: AnchorTimers) {
        anchors = (peers.isEmpty ? [AnchorPeer(authentication: .none)] : peers).map { KnownAnchor($0, timers) }
        configured = anchors.count
    }

    var current: KnownAnchor {
        get { anchors[position] }
        set { anchors[position] = newValue }
    }

    /// There is no other to go to.
    var isAlone: Bool { configured == 1 && position == 0 }

    /// Since the last answer every one of them was asked in vain.
    var areAllSilent: Bool { unanswered >= configured }

    /// How often all of them were.
    var fruitlessRounds: Int { unanswered / configured }

    mutating func currentAnswered() {
        unanswered = 0
        anchors[position].wasSilent = false
    }

    /// The next in order, round about; but not one that has refused us just now, unless all have.
    mutating func leaveSilent(at now: Instant) {
        unanswered += 1
        anchors[position].wasSilent = true
        anchors[position].lookUpAgain(at: now)
        turn(to: next(at: now) ?? following(1))
    }

    /// Whether there is another to go to.
    mutating func leaveRefusing(until holdDown: Instant, at now: Instant) -> Bool {
        anchors[position].refusedUntil = holdDown
        guard let next = next(at: now) else { return false }
        turn(to: next)
        return true
    }

    /// To one that the operator has named as well, or to one that the present anchor vouches for with its key. Whether
    /// that is another than the present one.
    mutating func redirect(to address: IPAddress, _ timers: AnchorTimers) -> Bool {
        guard !current.addresses.contains(address) else { return false }
        if let known = anchors.prefix(configured).firstIndex(where: { $0.addresses.contains(address) }) {
            position = known
        } else {
            let here = current.peer
            guard here.authentication != .none else { return false }
            var peer = AnchorPeer(addresses: [address], authentication: here.authentication, clock: here.clock)
            peer.compatibility = here.compatibility
            anchors.removeSubrange(configured...)
            anchors.append(KnownAnchor(peer, timers))
            position = configured
        }
        isRedirected = true
        return true
    }

    mutating func found(_ addresses: [IPAddress], of name: String, at now: Instant) {
        for index in anchors.indices where anchors[index].peer.name == name {
            anchors[index].found(addresses, at: now)
        }
    }

    private mutating func turn(to next: Int) {
        position = next
        isRedirected = false
    }

    /// Behind an anchor that was named by another comes the operator's first.
    private func following(_ distance: Int) -> Int {
        position < configured ? (position + distance) % configured : (distance - 1) % configured
    }

    private func next(at now: Instant) -> Int? {
        (1...configured).map(following).first { $0 != position && anchors[$0].refusedUntil <= now }
    }
}
