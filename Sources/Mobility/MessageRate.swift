// SPDX-License-Identifier: Apache-2.0
import Wire

/// MAX_UPDATE_RATE: three messages of one kind a second (RFC 6275 §12).
struct MessageRate: Sendable {
    private static let limit = 3

    private var recent: [Instant] = []

    mutating func admits(at now: Instant) -> Bool {
        recent.removeAll { now - $0 >= .seconds(1) }
        guard recent.count < Self.limit else { return false }
        recent.append(now)
        return true
    }
}
