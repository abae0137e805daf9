// SPDX-License-Identifier: Apache-2.0
import Wire

/// Bounds what is answered to senders who have proved nothing, and whose address may be somebody else's: ten messages
/// a second in all and five to one address, none of them longer than what it answers, so that an engine neither floods
/// nor amplifies nor signs for a stranger.
struct AnswerLimit: Sendable {
    private static let perSecond = 10
    private static let perSecondAndSource = 5

    private var nextAt = Instant(nanoseconds: .min)
    /// Those answered within the last fifth of a second: no more than the rate in all lets in.
    private var nextAtOf: [IPAddress: Instant] = [:]

    /// Where the network is said to prove the sender (`authentication: none`) the length is not looked at.
    mutating func admits(_ source: IPAddress, at now: Instant) -> Bool {
        guard now >= nextAt, now >= nextAtOf[source] ?? now else { return false }
        nextAt = now + .seconds(1) / Self.perSecond
        nextAtOf = nextAtOf.filter { $0.value > now }
        nextAtOf[source] = now + .seconds(1) / Self.perSecondAndSource
        return true
    }

    mutating func admits(_ answer: Datagram, to question: Datagram, at now: Instant) -> Bool {
        answer.octets.count <= question.octets.count && admits(question.source, at: now)
    }
}
