// SPDX-License-Identifier: Apache-2.0
import Wire

/// What a session does that is notified (RFC 7077 §6).
extension MobilitySession {
    /// There is something that a notification could be about.
    var isNotified: Bool { phase == .running && links.contains { $0.granted != nil || $0.revokedUntil != nil } }

    /// Every path on its own, so that each learns what the anchor has for it; what was revoked may come back.
    mutating func reregister(at now: Moment) -> [Action] {
        forgetRevocations()
        var actions: [Action] = []
        for index in links.indices {
            guard links[index].granted != nil, links[index].isUsable, links[index].registration.attempt == nil else {
                continue
            }
            actions += refresh(index, inBulk: false, at: now)
        }
        return actions
    }

    /// RFC 6757 §4.1: what is known of the access network is what the operator calls it.
    func accessNetwork(of wan: WANSettings) -> AccessNetworkIdentifier {
        AccessNetworkIdentifier(SubOptions([NetworkIdentifier(networkName: Array(wan.name.utf8.prefix(29)))]))
    }
}
