// SPDX-License-Identifier: Apache-2.0
import Wire

/// The anchors that a gateway may register with, in the operator's order, and the one that it has to do with now.
struct AnchorList: Sendable {
    private var anchors: [KnownAnchor]
    private var position = 0
    /// Anchors in a row that have not answered.
    private(set) var unanswered = 0

    /// Without any there is one that has no address.
    init(_ peers: [AnchorPeer]) {
        anchors = (peers.isEmpty ? [AnchorPeer(authentication: .none)] : peers).map(KnownAnchor.init)
    }

    var current: KnownAnchor {
        get { anchors[position] }
        set { anchors[position] = newValue }
    }

    var isAlone: Bool { anchors.count == 1 }

    /// Since the last answer every one of them was asked in vain.
    var areAllSilent: Bool { unanswered >= anchors.count }

    /// How often all of them were.
    var fruitlessRounds: Int { unanswered / anchors.count }

    mutating func currentAnswered() { unanswered = 0 }

    /// The next in order, round about; but not one that has refused us just now, unless all have.
    mutating func leaveSilent(at now: Instant) {
        unanswered += 1
        anchors[position].lookUpAgain(at: now)
        position = next(at: now) ?? (position + 1) % anchors.count
    }

    /// Whether there is another to go to.
    mutating func leaveRefusing(until holdDown: Instant, at now: Instant) -> Bool {
        anchors[position].refusedUntil = holdDown
        guard let next = next(at: now) else { return false }
        position = next
        return true
    }

    private func next(at now: Instant) -> Int? {
        (1..<max(2, anchors.count)).map { (position + $0) % anchors.count }
            .first { $0 != position && anchors[$0].refusedUntil <= now }
    }

    /// Whether anybody had asked for it.
    mutating func found(_ addresses: [IPAddress], of name: String, at now: Instant) {
        for index in anchors.indices where anchors[index].peer.name == name {
            anchors[index].found(addresses, at: now)
        }
    }
}
